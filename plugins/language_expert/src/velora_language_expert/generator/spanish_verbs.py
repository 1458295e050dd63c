"""Spanish verb phrases by topic, and how they conjugate: regular rules, spelling changes, stem changes, irregulars."""

from __future__ import annotations

from random import Random

from velora_language_expert.generator.grammar import frames, items

DAILY = frames("""
encender apagar : la luz, las luces de {room}, {device}, {device} de {room}, la lámpara
abrir cerrar limpiar pintar revisar arreglar : la puerta, la ventana de {room}, el garaje, las cortinas, la puerta de {room}
subir bajar ajustar cambiar aumentar : el volumen, la temperatura a {n} grados, las persianas, la música, el brillo
poner escuchar pausar repetir reproducir : música, un poco de {genre}, la siguiente canción, mi lista de {genre}, la radio, el disco de {person}
llamar visitar avisar esperar invitar ayudar acompañar buscar : a {person}, a mi {kin}, al {pro}, a {person} a las {hour}
enviar mandar escribir leer reenviar borrar : el correo, un mensaje a {person}, la carta, el último mensaje, el informe a {person}
crear cancelar programar cambiar quitar : una alarma para las {hour}, un recordatorio para el {day}, la reunión del {day}, una cita con el {pro}
añadir agregar apuntar comprar pedir traer llevar : {food}, {food} a la lista de la compra, dos kilos de {food}, un poco de {food}
reservar confirmar cancelar buscar encontrar : una mesa para {n}, un vuelo a {city}, una habitación en {city}, dos billetes para {city}, un taxi
comprar vender devolver traer recoger perder guardar dejar : {thing}, {thing} {adj}, {thing} en {room}, mi regalo, las llaves
lavar secar doblar planchar : la ropa, los platos, las camisas, el coche, las sábanas
cocinar preparar cortar pelar mezclar freír servir calentar probar : {food}, {food} con {food}, la cena, las patatas, {food} durante {n} minutos
regar cuidar pasear alimentar : las plantas, al perro, el jardín, a los gatos
ir viajar volver llegar correr caminar salir : a {city}, a {spot}, a casa, hasta {spot}, con {person}, de casa
estudiar practicar aprender repasar enseñar : {subject}, la lección {n}, los verbos, para el examen, {subject} con {person}
leer escribir terminar empezar firmar copiar corregir traducir resumir : {doc}, el capítulo {n}, la primera página, {doc} para {person}
pagar gastar ahorrar retirar transferir prestar : {money}, la cuenta, el alquiler, {money} a {person}, la factura de la luz
buscar encontrar consultar mirar mostrar : {shop} más cercana, el precio de {thing}, el tiempo en {city}, la dirección, {topic}
decir contar explicar preguntar recordar : la verdad, {topic}, una historia, lo que pasó, un chiste, a {person} que venga, el motivo
dar entregar ofrecer pasar prestar mostrar : {thing} a {person}, la sal, {money} a tu {kin}, {thing}
tomar usar mover tocar sacar levantar coger tirar romper probar : {thing}, {thing} {adj}, {thing} de la mesa, la caja
hacer preparar : la cama, los deberes, la maleta, la comida, una lista, ejercicio, café, una copia de {doc}
trabajar descansar bailar cantar jugar nadar entrenar respirar dormir esperar : {n} minutos, con {person}, en {spot}, mucho, todos los días, aquí, -
hablar comer cenar desayunar vivir quedar : con {person}, en {city}, en {spot}, en casa, a las {hour}, despacio
mirar ver recordar olvidar evitar pensar : {thing}, la película, {topic}, las fotos, el partido, las noticias
instalar descargar actualizar reiniciar cargar conectar pulsar : la aplicación, el ordenador, el teléfono, la impresora, el botón
girar seguir continuar doblar : a la derecha, a la izquierda en {spot}, todo recto, por esta calle
organizar planear preparar aplazar : la reunión, el viaje a {city}, la fiesta, la boda, la entrevista del {day}
""")

FACTS = frames("""
fundar crear establecer abolir reformar : {institution}, {institution} de {place}, la primera universidad, una nueva ciudad
conquistar invadir ocupar gobernar defender abandonar atacar : {region}, {region} de {place}, la ciudad de {place}, gran parte de {region}
construir diseñar restaurar destruir ampliar terminar : {building}, {building} de {place}, un puente, la muralla, el palacio real
descubrir estudiar describir observar medir : {matter}, las propiedades de {matter}, una nueva especie, los efectos de {matter}
escribir publicar componer pintar traducir : {work}, su primera obra, una novela sobre {place}, más de {n} libros
inventar desarrollar producir vender exportar utilizar : {machine}, {matter}, grandes cantidades de {matter}, un nuevo método
ganar perder organizar celebrar : la guerra, el campeonato en {year}, la final contra {place}, las elecciones, la batalla de {place}
firmar rechazar aprobar apoyar prohibir : el tratado, la ley de {year}, la reforma, el acuerdo con {place}, el uso de {matter}
contener producir necesitar absorber liberar formar causar : {matter}, pequeñas cantidades de {matter}, varias enfermedades
vivir morir trabajar enseñar nacer estudiar : en {place}, cerca de {region}, en {institution}, en {year}
recibir atraer elegir representar dirigir nombrar : a miles de visitantes, al presidente, a los estudiantes, a {fname}
""")

_STEMS = dict(zip(*[iter(items("""
cerrar, cierr, encender, enciend, empezar, empiez, pensar, piens, contar, cuent, volver, vuelv, devolver, devuelv,
encontrar, encuentr, mostrar, muestr, probar, prueb, recordar, recuerd, dormir, duerm, jugar, jueg, servir, sirv,
pedir, pid, repetir, repit, seguir, sigu, perder, pierd, calentar, calient, defender, defiend, corregir, corrig,
elegir, elig, regar, rieg, soñar, sueñ, morir, muer, mover, muev, freír, frí, medir, mid, gobernar, gobiern, rehacer, rehac
"""))] * 2, strict=True))  # fmt: skip
_FIRST = dict(zip(*[iter(items("""
poner, pongo, traer, traigo, hacer, hago, decir, digo, salir, salgo, tener, tengo, venir, vengo, componer, compongo,
contener, contengo, ofrecer, ofrezco, establecer, establezco, dar, doy, ir, voy, ver, veo, conducir, conduzco,
recoger, recojo, coger, cojo, nacer, nazco, ser, soy, seguir, sigo, producir, produzco, dirigir, dirijo,
construir, construyo, destruir, destruyo, elegir, elijo, corregir, corrijo, reproducir, reproduzco, traducir, traduzco
"""))] * 2, strict=True))  # fmt: skip
_COMMAND = {"poner": "pon", "hacer": "haz", "decir": "di", "salir": "sal", "tener": "ten", "venir": "ven", "ir": "ve",
            "ser": "sé", "componer": "compón", "contener": "contén"}  # fmt: skip
_SUBJUNCTIVE = {"ir": "vaya", "dar": "dé", "ser": "sea", "estar": "esté", "saber": "sepa"}
_PAST = {
    line.split()[0]: tuple(line.split()[1:])
    for line in """hacer hice hizo hicieron|poner puse puso pusieron|decir dije dijo dijeron|traer traje trajo trajeron
ir fui fue fueron|tener tuve tuvo tuvieron|venir vine vino vinieron|dar di dio dieron|ver vi vio vieron
producir produje produjo produjeron|traducir traduje tradujo tradujeron|componer compuse compuso compusieron
contener contuve contuvo contuvieron|dormir dormí durmió durmieron|morir morí murió murieron|leer leí leyó leyeron
pedir pedí pidió pidieron|servir serví sirvió sirvieron|repetir repetí repitió repitieron|seguir seguí siguió siguieron
construir construí construyó construyeron|destruir destruí destruyó destruyeron|elegir elegí eligió eligieron
corregir corregí corrigió corrigieron|medir medí midió midieron|freír freí frio frieron
reproducir reproduje reprodujo reprodujeron"""
    .replace("|", "\n").splitlines()
}
_PARTICIPLE = {"abrir": "abierto", "hacer": "hecho", "poner": "puesto", "decir": "dicho", "escribir": "escrito",
               "ver": "visto", "volver": "vuelto", "devolver": "devuelto", "romper": "roto", "morir": "muerto",
               "describir": "descrito", "descubrir": "descubierto", "componer": "compuesto", "freír": "frito",
               "leer": "leído", "traer": "traído"}  # fmt: skip
_GERUND = {"ir": "yendo", "leer": "leyendo", "traer": "trayendo", "dormir": "durmiendo", "pedir": "pidiendo",
           "decir": "diciendo", "servir": "sirviendo", "repetir": "repitiendo", "seguir": "siguiendo",
           "construir": "construyendo", "destruir": "destruyendo", "venir": "viniendo", "elegir": "eligiendo",
           "corregir": "corrigiendo", "medir": "midiendo", "morir": "muriendo", "freír": "friendo"}  # fmt: skip
_FUTURE = {"hacer": "har", "poner": "pondr", "decir": "dir", "salir": "saldr", "tener": "tendr", "venir": "vendr",
           "componer": "compondr", "contener": "contendr", "freír": "freir"}  # fmt: skip


def conjugate(verb: str, form: str) -> str:
    """Return a verb in `form`.

    Forms: inf; yo, tu, el, ellos (present); yopast, elpast, ellospast; fut, yofut (future); imp (tú), usted, ustedes;
    notu, nousted (subjunctive of a prohibition); pp, ger.
    """
    if form in ("", "inf"):
        return verb
    if form in ("yo", "tu", "el", "ellos"):
        return _present(verb, form)
    if form in ("yopast", "elpast", "ellospast"):
        return _preterite(verb, form)
    if form == "imp":
        return _COMMAND.get(verb) or _present(verb, "el")
    if form in ("usted", "nousted", "ustedes", "notu"):
        return _subjunctive(verb) + {"usted": "", "nousted": "", "ustedes": "n", "notu": "s"}[form]
    if form in ("fut", "yofut"):
        return _FUTURE.get(verb, verb) + ("á" if form == "fut" else "é")
    root, ar = verb[:-2], verb.endswith("ar")
    if form == "pp":
        return _PARTICIPLE.get(verb) or root + ("ado" if ar else "ido")
    if form == "ger":
        return _GERUND.get(verb) or root + ("ando" if ar else "iendo")
    raise KeyError(form)


def daily_phrase(rng: Random, form: str) -> str:
    """Return an everyday verb phrase template in `form`."""
    return _phrase(DAILY, rng, form)


def fact_phrase(rng: Random, form: str) -> str:
    """Return an encyclopedic verb phrase template in `form`."""
    return _phrase(FACTS, rng, form)


def _phrase(table: list[tuple[list[str], list[str]]], rng: Random, form: str) -> str:
    verbs, objects = rng.choice(table)
    return f"{conjugate(rng.choice(verbs), form)} {rng.choice(objects)}"


def _present(verb: str, form: str) -> str:
    if form == "yo" and verb in _FIRST:
        return _FIRST[verb]
    if verb == "ir":
        return {"yo": "voy", "tu": "vas", "el": "va", "ellos": "van"}[form]
    stem = _STEMS.get(verb, f"{verb[:-2]}y" if verb.endswith("uir") and not verb.endswith("guir") else verb[:-2])
    if stem == "sigu" and form == "yo":
        stem = "sig"
    vowel = "a" if verb.endswith("ar") else "e"
    return stem + {"yo": "o", "tu": f"{vowel}s", "el": vowel, "ellos": f"{vowel}n"}[form]


def _preterite(verb: str, form: str) -> str:
    place = ("yopast", "elpast", "ellospast").index(form)
    if verb in _PAST:
        return _PAST[verb][place]
    root = verb[:-2]
    if verb.endswith("ar"):
        return (_soft(root) + "é", root + "ó", root + "aron")[place]
    return root + ("í", "ió", "ieron")[place]


def _subjunctive(verb: str) -> str:
    if verb in _SUBJUNCTIVE:
        return _SUBJUNCTIVE[verb]
    stem = _present(verb, "yo")[:-1]
    return _soft(stem) + "e" if verb.endswith("ar") else stem + "a"


def _soft(stem: str) -> str:
    """Return the spelling of a stem before e: busc -> busqu, pag -> pagu, empiez -> empiec."""
    for ending, spelled in (("c", "qu"), ("g", "gu"), ("z", "c")):
        if stem.endswith(ending):
            return stem[:-1] + spelled
    return stem
