"""Finding expert plugins: metadata first, a plugin's module imported only when its expert is used."""
