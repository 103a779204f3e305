"""What columns are called: the words of student record systems and learning platforms, in the languages they speak.

Headings are compared with `detect.normal_heading`, so spaces, hyphens, case and accents' spelling do not matter.
Moodle translates its headings with the site (moodle.org language packs); HESA's and Canvas's names are fixed.
"""

from typing import Final

from programmes.rosters.detect import normal_heading

IDENTIFIER: Final = "identifier"
EMAIL: Final = "email"
GIVEN: Final = "given_name"
FAMILY: Final = "family_name"
FULL: Final = "full_name"
PREFERRED: Final = "preferred_name"
PRONOUNS: Final = "pronouns"
KIND: Final = "kind"
STATUS: Final = "status"
ROLE: Final = "role"
GROUP: Final = "group"
FIELDS: Final = (IDENTIFIER, EMAIL, GIVEN, FAMILY, FULL, PREFERRED, PRONOUNS, KIND, STATUS, ROLE, GROUP)

_WORDS: dict[str, str] = {
    IDENTIFIER: """
        Student ID; Student number; Student no; Student no.; StudentID; ID number; IDnumber; University ID;
        University number; Person ID; Staff ID; User ID; Unique ID; OWNSTU; SID; HUSID; SPR code; SCJ code;
        SPR_CODE; SCJ_CODE; STU_CODE; Enrolment number; Matriculation number; Registration number; SIS User ID;
        SIS ID; User SIS ID; Banner ID; EMPLID; External ID; sourcedId; Matrikelnummer; ID-Nummer; Personalnummer;
        Numéro étudiant; Numéro d'identification; Numéro d’étudiant; Número de ID; Número de identificación;
        Número de identificação; Matrícula; Matricola; Numero identificativo; Codice identificativo; ID-nummer;
        Studentnummer; Identifikationsnummer; Rhif adnabod; Rhif myfyriwr; Número ID; Número d'identificació;
        Numer ID; Numer albumu; Identifikační číslo; Kimlik numarası; Öğrenci numarası; Opiskelijanumero;
        Tunnistenumero; 学号; 学籍番号; 学号工号; الرقم الجامعي
    """,
    EMAIL: """
        Email; E-mail; Mail; Email address; E-mail address; University email; Student email; Institutional email;
        Primary email; Email 1; E-Mail-Adresse; E-Mail; Adresse de courriel; Adresse électronique; Courriel;
        Adresse e-mail; Adresse mail; Dirección de correo; Dirección Email; Dirección de correo electrónico;
        Correo electrónico; Correo; Email institucional; Endereço de email; Endereço de e-mail; Indirizzo email;
        Indirizzo e-mail; E-mailadres; E-postadress; E-postadresse; E-mailadresse; Cyfeiriad e-bost;
        Cyfeiriad ebost; E-bost; Adreça electrònica; Adres e-mail; E-mailová adresa; E-posta adresi;
        Sähköpostiosoite; Sähköposti; 邮箱; 电子邮件; 电子邮件地址;
        メールアドレス; البريد الإلكتروني
    """,
    GIVEN: """
        First; First name; Firstname; Given name; Given names; Forename; Forenames; First names; FNAMES; Christian name;
        givenName; Vorname; Vornamen; Prénom; Prénoms; Prénom(s); Nombre; Nombres; Nombre(s); Nome; Primeiro nome;
        Nome próprio; Voornaam; Förnamn; Fornavn; Enw cyntaf; Enwau cyntaf; Imię; Jméno; Ad; Adı; Etunimi;
        名; 名字; الاسم الأول
    """,
    FAMILY: """
        Last; Surname; Last name; Lastname; Family name; Familyname; Second name; SURNAME; Nachname; Familienname; Nom;
        Nom de famille; Nom(s); Apellido; Apellidos; Apellido(s); Cognome; Sobrenome; Apelido; Apelidos;
        Achternaam; Efternamn; Etternavn; Efternavn; Cyfenw; Cognoms; Cognom(s); Nazwisko; Příjmení; Soyad; Soyadı;
        Sukunimi; 姓; 姓氏; اسم العائلة; الشهرة
    """,
    FULL: """
        Name; Full name; Student; Student name; Display name; Participant; Learner; Vollständiger Name;
        Nom complet; Nombre completo; Nome completo; Nome e cognome; Volledige naam; Fullständigt namn; Enw llawn;
        姓名; 氏名; الاسم
    """,
    PREFERRED: """
        Preferred name; Preferred first name; Preferred given name; Preferred forename; Known as; Known name;
        Chosen name; Nickname; preferredGivenName; Rufname; Prénom d'usage; Nombre preferido; Nombre elegido;
        Nome preferito; Nome social; Roepnaam; Tilltalsnamn; Enw dewisol
    """,
    PRONOUNS: """
        Pronouns; Preferred pronouns; Gender pronouns; Pronomen; Pronoms; Pronombres; Pronomi; Rhagenwau
    """,
    KIND: """
        Person type; User type; Type of person; Student or staff; Kind
    """,
    STATUS: """
        Status; Enrolment status; Enrollment status; Registration status; STATUS; Enrolled; Active;
        Immatrikulationsstatus; Statut; Estado; Stato; Statws
    """,
    ROLE: """Role; Programme role; Roles; Course role; Rolle; Rôle; Rol; Ruolo; Rôl; PeerHub role""",
    GROUP: """
        Group; Groups; Group name; Section; Tutor group; Tutorial group; Seminar group; Class; Class group; Team;
        Pair; Gruppe; Gruppen; Groupe; Groupes; Grupo; Grupos; Gruppo; Gruppi; Groep; Groepen; Grupp; Grŵp;
        Grwpiau; Grup; Grupy; Skupina; Ryhmä
    """,
}

# Never stored, whatever a file offers (Regulation (EU) 2016/679, art. 9): the report says they were ignored.
_SENSITIVE = """
        Password; Passwort; Mot de passe; Contraseña; Cyfrinair; Birth date; Date of birth; DOB; BIRTHDTE;
        Birthday; birthDate; Geburtsdatum; Date de naissance; Fecha de nacimiento; Sex; SEXID; Gender; GENDERID;
        Gender identity; Ethnicity; Ethnic; ETHNIC; Ethnic origin; Race; Disability; DISABILITY; Disabilities;
        Religion; RELBLF; Sexual orientation; SEXORT; Nationality; NATION; Domicile; DOMICILE; Visa type; VISATYPE;
        Visa; IMDQ; IMD quintile; POLAR4Q; POLAR4; Care leaver; CARELEAVER; Entry qualification; ENTRYQUAL;
        PRIORATTBAND; Prior attainment; Free school meals; Parental education; Phone; Mobile; SMS; Telephone;
        Address; Home address; Postcode; Post code; National insurance number; Passport number;
        americanIndianOrAlaskaNative; asian; blackOrAfricanAmerican; nativeHawaiianOrOtherPacificIslander; white;
        demographicRaceTwoOrMoreRaces; hispanicOrLatinoEthnicity; countryOfBirthCode; stateOfBirthAbbreviation;
        cityOfBirth; publicSchoolResidenceStatus
    """


def _normal(words: str) -> frozenset[str]:
    return frozenset(normal_heading(word) for word in words.split(";") if word.strip())


BY_FIELD: Final = {field: _normal(words) for field, words in _WORDS.items()}
FIELD_OF: Final = {word: field for field in reversed(FIELDS) for word in BY_FIELD[field]}
SENSITIVE: Final = _normal(_SENSITIVE)
KNOWN: Final = frozenset(FIELD_OF) | {
    normal_heading("SIS Login ID"),
    normal_heading("Last downloaded from this course"),
}

# Columns that are true in one product only, tried before the general words.
CANVAS: Final = frozenset({"sisuserid", "sisloginid"})
HESA: Final = frozenset({"ownstu", "surname", "fnames"})
