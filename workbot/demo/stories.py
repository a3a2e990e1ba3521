"""What people of the demo's city think and ask: the material that `seed` has them live through."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbot.i18n import plain

# How a department's last week went, on a scale from 1 to 5: twelve weeks ago, and now.
MOODS = {
    "Public Works/Roads": (3.6, 2.6),
    "Public Works/Water": (3.4, 3.8),
    "Community Services/Libraries": (3.5, 4.3),
    "Community Services/Recreation": (3.7, 3.7),
    "Corporate Services/Finance": (3.2, 3.5),
    "Fire and Paramedics": (3.9, 3.6),
}
USUAL_MOOD = (3.5, 3.7)
# Of ten people asked, about so many answer.
TURNOUT = 0.78

# What is left for the visitor to do: who has not answered this week, and which steps nobody has ticked.
UNHEARD = {"amelie.tremblay", "noor.karim", "james.whitaker", "bea.novak"}
UNTICKED = {"noor.karim": "safety", "james.whitaker": "two-weeks"}

COMMENTS = {
    "en": (
        "Fewer meetings before nine.",
        "A second charger in the van.",
        "The new scheduling tool is a real help, thank you.",
        "It would help to know about overtime before Thursday.",
        "Please fix the heating in the east branch.",
        "More notice when plans change.",
        "A quiet room. Just one.",
        "Our team lead makes all the difference.",
        "The forms could be shorter.",
        "Better rain jackets before the season starts.",
    ),
    "fr": (
        "Moins de courriels en copie conforme.",
        "Des gants qui tiennent plus d’une semaine.",
        "Une formation sur le nouveau logiciel, en français.",
        "Savoir plus tôt quand l’horaire change.",
        "Rien à dire, c’était une bonne semaine.",
        "Le chauffage de la succursale Est, s’il vous plaît.",
        "Un deuxième écran m’aiderait beaucoup.",
        "Merci pour le nouveau camion.",
    ),
}


@dataclass(frozen=True)
class Ask:
    """A request and what became of it: `then` is said in turn by the agent and by who asked.

    A detail such as `+9` is the date so many days after today.
    """

    days_ago: int
    who: str
    desk: str
    title: str
    details: dict[str, str]
    agent: str = ""
    then: tuple[str, ...] = field(default=())
    ending: str = ""


SLOWED = {"kind": "broken", "urgency": "slowed"}
BLOCKED = {"kind": "broken", "urgency": "blocked"}

ASKS = (
    Ask(
        40,
        "walter.schmidt",
        "it",
        "Printer on the third floor jams",
        SLOWED,
        "bea.novak",
        ("Is it the one by the window?", "Yes, the large one.", "New rollers are in. Please try it."),
        "closed",
    ),
    Ask(
        33,
        "sylvie.gauthier",
        "it",
        "Accès au logiciel d’inventaire",
        {"kind": "access", "urgency": "slowed", "description": "Pour les deux nouveaux opérateurs."},
        "felix.lavoie",
        ("C’est fait pour les deux comptes.",),
        "closed",
    ),
    Ask(
        26,
        "shauna.bell",
        "facilities",
        "Water under the rink door",
        {"place": "Arena, ground floor", "danger": "yes", "description": "It freezes overnight. People slip."},
        "carlos.mendes",
        ("On my way with the salt.", "Thank you, that was quick."),
        "closed",
    ),
    Ask(
        19,
        "linda.tran",
        "it",
        "Second screen for the control room",
        {"kind": "equipment", "urgency": "patient"},
        "omar.haddad",
        ("Approved. It arrives next week.",),
        "resolved",
    ),
    Ask(
        12,
        "noah.fraser",
        "hr",
        "Part-time hours on my pay slip",
        {"topic": "pay", "description": "Two Saturdays are missing from last month."},
        "etienne.gagnon",
        (
            "You are right, they were not sent to us. They come with the next pay.",
            "Thanks for looking so fast.",
        ),
        "resolved",
    ),
    Ask(
        6,
        "james.whitaker",
        "it",
        "Accounts for our new colleague",
        {"kind": "access", "urgency": "slowed", "description": "Noor Karim, library assistant."},
        "bea.novak",
        ("The account is ready. Which shared folders does she need?", "Branches and Events, please."),
    ),
    Ask(
        5,
        "rejean.bouchard",
        "facilities",
        "Porte du garage bloquée",
        {"place": "Ateliers municipaux, porte 3", "description": "Elle reste à mi-hauteur."},
        "hugo.paquette",
        ("Le technicien passe demain matin.",),
    ),
    Ask(4, "priya.nair", "it", "Survey charts do not open on my tablet", SLOWED, "felix.lavoie", ()),
    Ask(
        4,
        "caroline.dubois",
        "facilities",
        "Salle pour une formation de douze personnes",
        {"place": "Hôtel de ville", "by": "+9"},
    ),
    Ask(1, "grace.kim", "it", "VPN drops every hour", {**SLOWED, "description": "Since this morning."}),
    Ask(
        1,
        "daniel.leblanc",
        "it",
        "Tablette du camion 2 : écran noir",
        {**BLOCKED, "description": "Depuis hier."},
    ),
    Ask(0, "mei.lin", "it", "Password for the tax system", {"kind": "access", "urgency": "blocked"}),
    Ask(0, "ruth.abebe", "facilities", "Light in the stairwell is out", {"place": "Stair B", "danger": "yes"}),
)


@dataclass(frozen=True)
class Newcomer:
    """Somebody whose journey is under way: days are counted from today."""

    name: str
    title: str
    department: str
    manager: str
    location: str
    locale: str
    journey: str
    day: int
    known_in_days: int
    buddy: str = ""

    @property
    def email_name(self) -> str:
        return plain(self.name).replace(" ", ".")


NEWCOMERS = (
    Newcomer(
        "Noor Karim",
        "Library Assistant",
        "Community Services/Libraries",
        "james.whitaker",
        "East Branch",
        "en",
        "new-hire",
        -15,
        -30,
        "ada.roy",
    ),
    Newcomer(
        "Mathieu Gervais",
        "Opérateur de machinerie",
        "Public Works/Roads",
        "sylvie.gauthier",
        "Works Yard",
        "fr",
        "new-hire",
        6,
        -8,
        "marc-andre.roy",
    ),
    Newcomer(
        "Imani Clarke",
        "Paramedic",
        "Fire and Paramedics",
        "angela.russo",
        "Station 2",
        "en",
        "new-hire",
        -57,
        -71,
        "fatima.rahman",
    ),
    Newcomer(
        "Robert MacLeod",
        "Tax Clerk",
        "Corporate Services/Finance",
        "walter.schmidt",
        "City Hall",
        "en",
        "offboarding",
        10,
        -4,
    ),
)
