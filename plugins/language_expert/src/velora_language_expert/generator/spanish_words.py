"""Spanish words and noun phrases by slot."""

from __future__ import annotations

from velora_language_expert.generator.grammar import items, lines

_LISTS = {
    "device": "la tele, la radio, el ventilador, la calefacción, el horno, el aire acondicionado, la alarma, el televisor",
    "room": "la cocina, el salón, el dormitorio, el baño, la oficina, el pasillo, el comedor, la terraza",
    "genre": "jazz, rock, salsa, música clásica, flamenco, pop, música tranquila, ópera, boleros",
    "kin": "madre, padre, hermano, hermana, mujer, marido, jefe, tía, primo, abuela, hija, hijo, mamá, papá, vecino",
    "pro": "médico, profesor, dentista, conductor, camarero, abogado, mecánico, panadero, vecino, policía, director",
    "shop": "la farmacia, la panadería, la gasolinera, la tienda, la librería, la oficina de correos, la cafetería",
    "spot": "la estación, la playa, la escuela, la iglesia, la plaza, la biblioteca, la esquina, la oficina, la rotonda, "
            "la parada de autobús, la piscina, la universidad, la fiesta",
    "food": "pan, arroz, pollo, sopa, pasta, tomates, huevos, queso, pescado, manzanas, café, leche, tarta, ensalada, "
            "chocolate, agua, aceite, zumo, fruta, carne, verdura",
    "thing": "el libro, la bolsa, el paraguas, la chaqueta, el teléfono, la llave, la caja, la botella, la silla, el coche, "
             "la bicicleta, la cámara, el pasaporte, la guitarra, la pelota, la cartera, la mesa, el cuchillo, el mapa, "
             "un libro, una silla, una camisa, este libro, esa caja, mi coche, tu abrigo, el reloj, la foto, un lápiz",
    "subject": "historia, francés, química, matemáticas, biología, geografía, inglés, física, música, economía",
    "doc": "el informe, el contrato, la carta, el artículo, el formulario, la receta, el poema, el libro, la novela, el texto",
    "topic": "el tiempo, la fiesta, el viaje, las noticias, el partido, la factura, el examen, el trabajo, el accidente, "
             "la película, la boda, la política, el problema, la cena, las vacaciones",
    "city": "Londres, Roma, Madrid, París, Lima, Berlín, Tokio, Lisboa, Sevilla, Bogotá, Quito, Barcelona, Boston, "
            "Valencia, México, Buenos Aires, Toledo, Caracas",
    "day": "lunes, martes, miércoles, jueves, viernes, sábado, domingo, 4 de mayo, 12 de junio, 3 de marzo, fin de semana",
    "when": "ayer, anoche, esta mañana, hace dos días, el {day}, a las {hour}, todos los días, antes de comer, hoy, mañana, "
            "el año pasado, la semana que viene, en {year}, ahora, otra vez, por la tarde, este verano, en este momento",
    "hour": "siete, ocho y media, seis, nueve de la noche, 7:30, 10, diez y cuarto, 5 de la tarde, doce, cuatro menos cuarto",
    "n": "2, 3, 4, 5, 8, 10, 12, 15, 20, 30, 45, dos, tres, cuatro, cinco, diez, veinte, 100",
    "year": "1492, 1578, 1643, 1789, 1812, 1848, 1871, 1902, 1914, 1936, 1945, 1959, 1968, 1977, 1989, 2003, 2012",
    "money": "20 euros, cincuenta dólares, 30 pesos, cien euros, 12 euros con 50, mucho dinero",
    "adj": "viejo, nuevo, rojo, pequeño, caro, barato, bonito, roto, pesado, azul, vacío, sucio, alto, raro, bueno, fácil, "
           "difícil, importante, peligroso, cansado, contento, disponible, libre, tarde, listo, segura, enferma, cerrada, "
           "abierta, grande, rica, cara, nueva, lleno, triste, enojado, ocupada",
    "adv": "siempre, nunca, ya, casi, todavía, también, a veces, solo, por fin, quizás, apenas, normalmente, hoy",
    "person": "Ana, Pedro, María, Tomás, el señor López, Sara, Juan, la doctora Ruiz, Elena, David, Lucía, Pablo, Luis, "
              "Carmen, Tom, {fname}",
    "thirds": "él, ella, mi {kin}, tu {kin}, {person}, el {pro}, {thing}, usted, la gente, todo el mundo, nadie, el perro, "
              "alguien, el tren, mi equipo, la empresa, el gobierno, su {kin}, esa chica, el hombre de la esquina",
    "plurals": "los niños, mis padres, los alumnos, ellos, ellas, ustedes, mis amigos, {person} y {person}, los vecinos, "
               "las tiendas, los jugadores, mis hermanos, muchas personas, los trenes, algunos",
    "np": "{thing}, la cena, el precio, {doc}, {topic}, el tiempo, tu {kin}, el autobús, la película, {shop}, el {pro}, la hora",
    "prep": "en {room}, en {spot}, con {person}, para {person}, cerca de {spot}, en {city}, sin ayuda, en la mesa, "
            "después del partido, por la lluvia, durante {n} días, de {city}, por favor",
    "institution": "la universidad, el consejo, el parlamento, la iglesia, el ejército, el banco, el tribunal, la academia, "
                   "la compañía, el partido, el senado, el museo, el imperio, el gobierno, la república",
    "region": "la región, la provincia, el reino, la isla, el valle, la costa, el norte, la colonia, la frontera, el sur",
    "building": "el castillo, la catedral, el puente, el palacio, el templo, la torre, el puerto, el estadio, el canal",
    "matter": "oxígeno, hierro, carbón, bacterias, plata, sal, algodón, proteínas, petróleo, trigo, cobre, azúcar, luz, "
              "energía, agua, oro, plantas, virus, maíz",
    "work": "la novela, la sinfonía, el poema, la ópera, el libro, la película, el cuadro, la canción",
    "machine": "el motor, el telescopio, la imprenta, la bomba, el reloj, el telégrafo, la turbina, el avión",
    "group": "los trabajadores, los habitantes, los votantes, los inmigrantes, los soldados, las especies, las familias, "
             "los pacientes, los barcos, las lenguas, los comerciantes, los científicos",
    "place": "{city}, {fname}, Egipto, Polonia, Chile, Italia, Escocia, China, Perú, Irlanda, Francia, India, Brasil",
    "entity": "{institution}, {institution} de {place}, {fname}, {fname} {fname}, {building}, el rey {fname}, {region}, "
              "{building} de {place}, {place}, la reina {fname}, el general {fname}, el papa {fname}",
    "kind": "año, ciudad, país, siglo, río, animal, lengua, guerra, rey, mes, nombre, región, obra, grupo, estado, tipo de "
            "{matter}, parte de {place}, porcentaje, equipo, motivo",
    "relation": "nombre, presidente, origen, objetivo, líder, resultado, fundador, dueño, tamaño, autor, significado, "
                "idioma oficial, mayor río",
}  # fmt: skip

_LINES = {
    "opener": """
vale,
sí,
bueno,
pues
y
pero
ah,
no,
oye,
perdona,
hola,
gracias,
entonces
es que
mira,
ahora
""",
    "ender": """
por favor
por favor
ahora
{when}
{when}
si puedes
cuando puedas
antes de las {hour}
para {person}
{prep}
{prep}
y {dailyvp:imp}
antes de {dailyvp:inf}
para {dailyvp:inf}
""",
    "subclause": """
si llueve
cuando {thirds} {dailyvp:el}
cuando {dailyvp:yopast}
porque {plurals} {dailyvp:ellospast}
si quieres
si {dailyvp:tu}
aunque {thirds} {dailyvp:elpast}
después de {dailyvp:inf}
antes de {dailyvp:inf}
mientras {thirds} {dailyvp:el}
como {thirds} {dailyvp:elpast}
""",
    "circumstance": """
En {year}
Después de la guerra
Durante el siglo XIX
En {region} de {place}
Según {fname}
Desde {year}
A finales del siglo
Junto con {fname}
Gracias a {entity}
Como resultado
Además de {matter}
""",
}

WORDS: dict[str, list[str]] = {
    **{slot: items(text) for slot, text in _LISTS.items()},
    **{slot: lines(text) for slot, text in _LINES.items()},
}
