"""How far answers are trusted, which experts run, and one answer made of several; each with its fit."""
