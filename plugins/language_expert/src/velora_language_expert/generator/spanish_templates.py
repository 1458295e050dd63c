"""Spanish templates by query type: voseo left aside; tú, usted, ustedes, infinitives and polite forms in."""

from __future__ import annotations

from velora_language_expert.generator.grammar import lines

QUESTIONS = lines("""
[qué|cuándo|dónde|cómo|por qué] {dailyvp:elpast} {thirds}
[qué|cuándo|dónde|cómo|por qué] [vas|va {thirds}|van {plurals}|puedo|debo|quieres|tengo que|piensas] [a|] {dailyvp:inf}
[cuándo|dónde|cómo|por qué|para qué] [vas a|puedo|debo|quieres|podemos|se puede|hay que] {dailyvp:inf}
[cuándo|dónde|cómo|por qué] [no|] {dailyvp:tu}
qué [es|era|significa|hay en|pasa con|pasó con|opinas de|sabes de|tal] {np}
qué [hora es|día es hoy|hora tienes|te pasa|haces|estás haciendo|pasa|quieres|te parece|dijiste|necesitas|tiempo hace en {city}]
[a|desde|hasta|sobre|en|con] [qué hora|qué día|qué|quién|cuál] [sale {thing}|llega {person}|abre {shop}|{dailyvp:tu}|vamos a {dailyvp:inf}]
qué [tipo de|clase de|] [{food}|música|película|libro] [te gusta|prefieres|quieres|tienes|recomiendas]
quién [es {person}|{dailyvp:elpast}|te llamó|viene|tiene {thing}|va a {dailyvp:inf}|quiere {dailyvp:inf}]
[con|de|para|a] quién [es {thing}|{dailyvp:tu}|vas|hablaste|{dailyvp:elpast} {thirds}]
cuál [es|era|de los dos es|te parece] [el precio|tu nombre|la más {adj}|el mejor {pro}|tu número|la capital de {place}|{np}]
[cuánto|cuánta|cuántos|cuántas] [cuesta {thing}|vale|tiempo tarda|dinero tienes|personas viven en {city}|años tienes|{food} necesitas|hay]
cuánto [cuesta|vale|dura|tarda|mide|pesa|falta para] [{np}|un billete a {city}|el viaje|]
cuántos [años tiene {person}|días faltan|hermanos tienes|habitantes tiene {city}|kilómetros hay hasta {city}]
dónde [está|estaba|queda|puedo encontrar|has puesto|compraste] {np}
[de|a] dónde [eres|vienes|vas|viene {person}|es {thirds}]
cuándo [es|empieza|termina|llega|sale|fue|será] {np}
cómo [te llamas|está tu {kin}|estás|se dice {food}|se llama|llego a {spot}|funciona|fue {topic}|te fue|se escribe]
por qué [no|] [vienes|estás {adj}|es tan {adj}|te vas|me lo dices|lloras|llegas tarde]
[has|ha|han] [visto|comido|estado|{dailyvp:pp}] [alguna vez|ya|en {city}|]
[has|ha {person}|han] {dailyvp:pp}
[puedes|podrías|puede|podría|me puedes|pueden] {dailyvp:inf} [por favor|]
[me|nos] [puedes|podrías|das|dejas|traes|pasas|ayudas a|prestas] [{dailyvp:inf}|{thing}|un poco de {food}|la cuenta]
[puedo|podemos|debo|podría] {dailyvp:inf}
[quieres|quiere|quieren|prefieres|necesitas|piensas|vas a|sabes] {dailyvp:inf}
[quieres|tienes|necesitas|conoces|ves|recuerdas|viste|hay] {np}
[te|le|os] [gusta|gustaría|importa|apetece|molesta] [{dailyvp:inf}|{food}|{genre}|si {dailyvp:yo}]
[te|le] gusta [mucho|] [el café|la {genre}|{dailyvp:inf}]
[sabes|sabe usted|me dices|recuerdas] [dónde|cuándo|quién|qué|cómo|si|por qué] {dailyvp:elpast} {thirds}
[sabes|crees|piensas|es verdad] que {thirds} {dailyvp:elpast}
[es|está|estaba|era] {thirds} {adj}
[es|está] [{adj}|muy {adj}|cerca|lejos|abierta|tuyo] [{np}|eso|hoy|]
[estás|está|están] [{adj}|{dailyvp:ger}|en casa|seguro|listo] [ya|ahora|]
[hay|habrá|había] [algún|un|una|algo de|] [{shop} cerca|{food}|problema|tren a {city}|plazas libres|alguien en {room}] {prep}
[va a|irá a] [llover|nevar|hacer frío|venir {person}] [mañana|hoy|el {day}|]
[hace|hará|hizo] [frío|calor|sol] [en {city}|mañana|hoy|]
[vienes|vas|vamos|viven|trabajas|comes|sales|quedamos|estudias|hablas] [a {spot}|en {city}|con {person}|{subject}|mañana|conmigo]
{dailyvp:elpast} [usted|{person}|tu {kin}] [ayer|]
{dailyvp:tu} [hoy|mañana|conmigo|alguna vez|]
[no|] {dailyvp:tu} [nunca|con nosotros|]
{thirds} {dailyvp:elpast}, [verdad|no|no es así|cierto|a que sí]
[eres|es usted|son ustedes] [{pro}|de {city}|{person}|{adj}|nuevo aquí]
[alguien|nadie] [sabe|tiene|quiere|ha visto|conoce] [{np}|qué pasó|cómo se hace]
{opener} [qué|dónde|cuándo|quién|cómo|cuánto] [es|está|hora es|fue|cuesta] [{np}|]
{opener} [puedes|puedo|tienes|quieres|hay|estás|es] [{np}|{dailyvp:inf}|{adj}]
[y|pero|entonces] [tú|usted|{person}|por qué|qué|cuándo|dónde|qué más|para qué]
[qué|quién|cuándo|dónde|cómo|por qué no|de verdad|en serio|cuál|cuánto|qué tal|para qué|algo más]
{subclause}, [qué|dónde|cómo|cuándo] [puedo|vas a|vamos a|debo] {dailyvp:inf}
[qué|cuál] [fue|es|era] el {relation} de {entity}
[qué|cuál] {kind} {factvp:elpast} {entity}
[en|de|desde|hasta|a|con] qué {kind} [se|] {factvp:elpast} {entity}
[quién|qué {kind}|cuándo|dónde|cómo|por qué] {factvp:elpast} [{entity}|]
[quién|cuándo|dónde] fue [{factvp:pp}|el primer presidente de {place}|{entity}]
cuántos [habitantes|soldados|años|libros|idiomas] [tenía|hay en|hubo en] {entity}
{circumstance}, [qué|cuál|quién|cuándo|cuántos] {factvp:elpast} [{entity}|]
[cómo se llama|cuál es el nombre de|qué nombre recibe] {institution} que {factvp:elpast}
qué [país|río|equipo|autor|científico|rey] {factvp:elpast} [{when}|]
a qué [se debe|se refiere|equivale|pertenece] {entity}
""")

COMMANDS = lines("""
{dailyvp:imp}
{dailyvp:imp}
{dailyvp:imp}
{dailyvp:imp} {ender}
{dailyvp:imp} {ender}
{dailyvp:usted}
{dailyvp:usted} {ender}
{dailyvp:ustedes} [por favor|]
por favor {dailyvp:imp}
por favor [{dailyvp:usted}|no {dailyvp:nousted}|{dailyvp:imp} {when}]
no {dailyvp:notu}
no {dailyvp:notu} {ender}
no {dailyvp:nousted} [por favor|]
[nunca|jamás] {dailyvp:notu}
no [me|lo|la|te|le] [digas|hagas|toques|olvides|mires|molestes|llames|dejes|preocupes|rías|vayas|comas] [{prep}|nada|eso|más|]
no [seas|seas tan|estés|tengas miedo de] {adj}
no te [vayas|olvides de {dailyvp:inf}|preocupes|muevas|enfades|acerques a {thing}|rindas|quejes|sientes ahí]
{person}, {dailyvp:imp}
[oye|venga|vale|rápido|anda|mamá|señor|chicos|bueno], [{dailyvp:imp}|ven aquí|dime {topic}|pon {device}]
[ahora|primero|luego|entonces|y|pero|después] {dailyvp:imp}
{dailyvp:imp} y {dailyvp:imp}
{dailyvp:imp}, {dailyvp:imp} y {dailyvp:imp}
{dailyvp:imp} {subclause}
{subclause}, {dailyvp:imp}
si [puedes|quieres|tienes tiempo|necesitas ayuda], {dailyvp:imp}
[pon|ponme|enciende|apaga|abre|cierra|sube|baja|quita] [{device}|{genre}|la luz|las luces|la puerta|la música|el volumen]
[dime|dígame|cuéntame|explícame|decidme] [{topic}|la hora|qué pasó|cómo se hace|la verdad|algo {adj}|dónde está {thing}|el precio|qué tiempo hace]
[dime|muéstrame|enséñame|búscame|léeme|recuérdame] [los mensajes|las noticias|un restaurante en {city}|la agenda|el camino a {spot}]
recuérdame [{dailyvp:inf}|que {dailyvp:yo}|la cita del {day}|llamar a {person} a las {hour}]
[dame|deme|tráeme|pásame|préstame|cómprame|envíame|mándame|déjame|tráigame|hazme] [{thing}|un poco de {food}|{money}|{n} minutos|la cuenta|eso|un favor]
[muéstrame|enséñame|búscame|tradúceme|léeme|resérvame|ponme|mándame] [{doc}|{thing}|{topic}|un vuelo a {city}|una mesa para {n}|el mapa de {city}]
[ponlo|déjalo|hazlo|tómalo|llévalo|tráelo|ábrelo|ciérralo|cómelo|míralo|pruébalo|apágala|enciéndela|cuéntalo] [en {room}|aquí|ahora|{ender}|]
[déjame|deja que|permíteme] [{dailyvp:inf}|{thirds} hable|en paz|ver|pensar un momento|solo]
[ten|tenga|tened] [cuidado|paciencia|en cuenta {topic}|fe|la bondad de {dailyvp:inf}] [con {thing}|]
[ven|venga|vengan|venid|sal|salga|ve|vete|vaya|váyase|vuelve|entra|pasa|sube|baja|corre] [aquí|a casa|conmigo|de {room}|ahora mismo|a {spot}|con {person}|]
[siéntate|siéntese|levántate|cállate|callaos|despiértate|acuéstate|date prisa|quédate|relájate|tranquilízate|lávate las manos|vístete|apúrate|cuídate|diviértete|acércate|fíjate] [ya|por favor|aquí|{prep}|]
[espera|espere|esperen|espérame|escucha|escúchame|mira|mire|mírame|llámame|ayúdame|sígueme|perdóname|créeme|ayúdeme] [un momento|en {spot}|a las {hour}|a {dailyvp:inf}|cuando llegues|por favor|]
[avísame|llámame|escríbeme|dime] [cuando|si] [{dailyvp:tu}|llegues|puedas|llueve|terminas]
[haz|haga|hagan] [clic aquí|los deberes|algo|lo que quieras|lo posible por {dailyvp:inf}|tu trabajo|la cama|ejercicio|una lista]
[vamos|vámonos|vayamos|salgamos|comamos|hablemos|empecemos|juguemos|descansemos|bailemos|esperemos] [a {dailyvp:inf}|a casa|juntos|con {person}|ya|]
vamos a {dailyvp:inf} [juntos|ya|]
que [{dailyvp:usted}|pase|descanses|te mejores|tengas un buen día|entre el siguiente]
[favor de|hay que|haga el favor de|haz el favor de|sírvase] {dailyvp:inf}
[a|] {dailyvp:inf} [todos|ya|antes de las {hour}|por favor|a fuego lento|bien]
[no|prohibido] [fumar|tocar|pisar la hierba|aparcar|correr] [aquí|en {room}|por favor|]
[sé|sed|sea] [bueno|{adj}|amable|puntual|prudente] [con {person}|conmigo|]
[gira|gire|tuerce|sigue|siga|toma|tome|cruza|cruce] [a la derecha|a la izquierda|recto|la segunda calle|el autobús {n}] [en {spot}|hasta {spot}|]
[añade|mezcla|corta|hierve|calienta|bate|sirve|pela] [{food}|el {food} durante {n} minutos|{food} y {food}|la mezcla con cuidado]
[despiértame|recógeme|búscame|llévame|acompáñame] [a las {hour}|en {spot}|a {city}|a casa|el {day}]
[cancela|confirma|reserva|compra|busca|reproduce|programa|configura|activa|desactiva|muestra|elimina|agrega|pausa] [la alarma|mi reserva|un vuelo a {city}|la reunión del {day}|un temporizador de {n} minutos|la canción|todo|las alarmas|un recordatorio]
[respira|piensa|descansa|duerme|come|bebe|habla|trabaja|estudia|lee|escribe|camina|canta] [más|menos|bien|despacio|antes de {dailyvp:inf}|con calma|un poco|en voz alta]
[olvida|recuerda|intenta|procura|trata de|deja de|empieza a|asegúrate de] {dailyvp:inf}
[consulte|visite|lea|rellene|contacte con|pulse|introduzca|seleccione|descargue|adjunte] [{doc}|nuestra página|el manual|al {pro}|el botón|la contraseña]
[quítate|ponte|cámbiate] [{thing}|el abrigo|los zapatos|la ropa|cómodo]
""")

STATEMENTS = lines("""
{thirds} {dailyvp:elpast} {when}
{thirds} {dailyvp:elpast}
{thirds} [{adv}|] {dailyvp:el} {prep}
{thirds} [no|nunca|ya no|también] [{dailyvp:el}|{dailyvp:elpast}]
{thirds} [es|está|era|estaba|parece|fue] [muy|bastante|tan|más|] {adj} {prep}
{thirds} [ha|había|no ha] {dailyvp:pp} {when}
{thirds} está {dailyvp:ger} {prep}
{thirds} [quiere|puede|debe|va a|tiene que|suele|necesita|piensa|sabe] {dailyvp:inf}
{thirds} {dailyvp:fut} {when}
{thirds} [me|nos|le] [dijo que|preguntó si|contó que|pidió que] [{dailyvp:el}|viniera|{thirds} {dailyvp:elpast}]
{thirds} cuesta {money}
{plurals} {dailyvp:ellospast} {when}
{plurals} {dailyvp:ellos} {prep}
{plurals} [son|están|eran] {adj}
{plurals} [no|] [quieren|pueden|deben|van a|tienen que] {dailyvp:inf}
[yo|] {dailyvp:yopast} {when}
[yo|] {dailyvp:yo} {when}
no {dailyvp:yo} {prep}
no {dailyvp:yopast} {when}
[no|] [quiero|puedo|debo|voy a|tengo que|necesito|prefiero|quisiera|me gustaría|espero|suelo] {dailyvp:inf} {when}
[queremos|podemos|vamos a|tenemos que|necesitamos|hemos decidido|pensamos] {dailyvp:inf} [mañana|{when}|con {person}]
[he|hemos|había|no he] {dailyvp:pp} {when}
[estoy|estamos|están|estaba|sigo] [{dailyvp:ger}|{adj}|en {spot}|muy {adj}] {when}
[soy|somos|son] [de {city}|{pro}|{adj}|amigos de {person}|muy {adj}]
[tengo|tenemos|tiene|tienen] [hambre|frío|{n} años|una reunión el {day}|{thing}|razón|miedo|mucho trabajo|un problema con {thing}]
[me|nos|le|te] [gusta|gustan|encanta|encantan|molesta|interesa|duele] [mucho|] [el café|{dailyvp:inf}|{topic}|la cabeza|los perros|{genre}]
[no me|a mí me|a {person} le|a ella le] gusta [mucho|nada|] [{dailyvp:inf}|el café|{topic}|{food}]
me [llamo {person}|duele la cabeza|levanto a las {hour}|olvidé de {dailyvp:inf}|quedé en casa|alegro de verte|parece {adj}]
[se|lo|la|le|los] [{dailyvp:elpast}|{dailyvp:el}|vi ayer|compré en {city}|di a {person}|perdí]
[creo|pienso|sé|espero|supongo|dicen|parece|me dijeron] que [{thirds} {dailyvp:elpast}|{thirds} es {adj}|va a llover|no]
no [sé|recuerdo|entiendo|me importa|me dijo] [qué|quién|dónde|cuándo|cómo|por qué|si|cuánto] {dailyvp:elpast} {thirds}
[sé|recuerdo|entiendo|ya veo|me pregunto] [qué|quién|dónde|cuándo|cómo|por qué|si] [{dailyvp:elpast} {thirds}|es {adj}|vamos a {dailyvp:inf}]
[es|fue|era|será] [{adj}|muy {adj}|imposible|mejor|un día {adj}|una lástima|la hora de {dailyvp:inf}|tarde] {dailyvp:inf}
[eso|esto|todo|aquello|lo que dijo] [es|está|fue|parece|no es] [{adj}|verdad|suficiente|de {person}|lo que quería]
[este|ese|aquel|el] [libro|coche|hombre|restaurante|problema|hotel] [es|está|era|fue|parece|no es] [muy|demasiado|] {adj}
[esta|esa|la] [casa|canción|película|calle|mujer|idea] [es|está|era|parece|no es] [muy|tan|] {adj}
[hay|había|hubo|no hay] [{n}|muchos|un|una|pocas|demasiado] [alumnos en la clase|problemas|{food}|personas en {spot}|tren a las {hour}]
hay {n} [estudiantes en mi clase|días en {day}|sillas en {room}]
[hace|hizo|hacía] [frío|calor|mucho viento|buen tiempo|dos años que vivo en {city}] [hoy|en {city}|]
[está|estuvo] [lloviendo|nevando|nublado|cerrada] [en {city}|desde ayer|]
son las {hour}
[el tren|el avión|la reunión|la película|la fiesta|el partido] [sale|llega|empieza|termina|empezó|fue|costó] [a las {hour}|{when}|tarde|{money}]
[sí|no|claro|vale|gracias|de nada|bueno|buenos días|buenas noches|hola|adiós|perfecto|está bien|de acuerdo|lo siento|por supuesto|muchas gracias|quizás|hasta luego|ya veo|exacto|tampoco|encantado]
[sí|no|claro|vale|bueno|gracias|ah|perdón], [{dailyvp:yo}|{thirds} {dailyvp:elpast}|es {adj}|ya voy|está {adj}|no pasa nada|eso es|quiero {dailyvp:inf}]
{opener} [no sé|es {adj}|está {adj}|{dailyvp:yopast}|{thirds} {dailyvp:el}|me gusta|tengo {thing}|quiero {dailyvp:inf}]
[cuando|mientras|aunque|porque|como|si] {thirds} {dailyvp:elpast}, {plurals} {dailyvp:ellospast}
{subclause}, [voy a|puedes|vamos a|no puedo] {dailyvp:inf}
[puedes|debes|deberías|tienes que|podemos|usted puede] {dailyvp:inf} [si quieres|cuando quieras|mañana|]
[eres|fuiste|estás|estuviste] [muy {adj}|el mejor|mi {kin}|{adj}|tarde]
[ojalá|quizás|tal vez] [{dailyvp:usted}|llueva|venga {person}|no sea {adj}]
quiero que [{dailyvp:notu}|{dailyvp:usted}|vengas]
[te|le|os] [llamo|escribo|espero|veo|quiero|ayudaré|avisaré] [mañana|a las {hour}|en {spot}|mucho|por {topic}]
[qué|cuánto] [bonito|pena|bien|calor hace|alegría|lástima|rico está {food}]
[un|una] [billete|mesa|habitación|café] [para {city}|para {n}|con {food}|de ida y vuelta] [por favor|]
[el|la] {day} [a las {hour}|por la mañana|en {city}|no puedo]
[mi|tu|su|nuestro] [{kin}|casa|trabajo|perro|número] [es|está|{dailyvp:elpast}|{dailyvp:el}] [{adj}|en {city}|]
{dailyvp:inf} [es|no es|puede ser] [{adj}|muy {adj}|divertido]
[nadie|alguien|todos] [sabe|vino|{dailyvp:elpast}|quiere {dailyvp:inf}] [{when}|]
"{dailyvp:imp}", dijo {person}
[la|el] [llamada|compra|reserva|mensaje|pregunta|orden|respuesta|cuenta|nota|ayuda|visita|cena] [es|está|fue|llegó|no era] [{adj}|{when}]
[estimado|querida|hola] {person}, [le escribo por {topic}|espero que estés bien|gracias por {thing}]
[gracias|perdón] por [{dailyvp:inf}|{thing}|tu ayuda|la información|venir]
{entity} {factvp:elpast} [en {year}|durante {n} años|antes de la guerra|]
{entity} {factvp:elpast} y [más tarde|] {factvp:elpast}
{circumstance}, {entity} {factvp:elpast} [, mientras que {entity} {factvp:elpast}|]
{circumstance}, {entity} {factvp:elpast}, que {factvp:elpast}
{entity} [es|fue|era] [una|un|la|el] [institución|ciudad|edificio|obra|símbolo|capital] [de {place}|que {factvp:elpast}|situada en {region}|fundada en {year}]
{entity} fue {factvp:pp} por {entity} [en {year}|]
{entity}, [que|quien] {factvp:elpast}, {factvp:elpast}
el {relation} de {entity} [es|fue|era] [{fname}|{factvp:inf}|muy {adj}|desconocido]
{group} {factvp:ellospast} [en {place}|durante la guerra|y {factvp:ellospast}|, pero {entity} no {factvp:elpast}]
[se cree|se sabe|se calcula|algunos dicen] que {entity} {factvp:elpast}
[según|para] {fname}, {entity} {factvp:elpast}
[sin embargo|además|por ejemplo|por lo tanto|en cambio], {entity} {factvp:elpast}
la población de {place} [es|era] de {bign} habitantes en {year}
[en|desde] {year} se {factvp:elpast}
su [obra|padre|idea|primer libro|gobierno] [{factvp:elpast}|es {adj}|fue {factvp:pp}]
{matter} se [utiliza|encuentra|usa] [para {factvp:inf}|en {place}|en la industria]
[entre|de] {year} [y|a] {year}, {group} {factvp:ellospast}
""")
