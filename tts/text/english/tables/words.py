"""Abbreviations, acronyms, letters and signs."""

from tts.text.english.numerals import row

MONTHS = row(
    "January February March April May June July August September October November December"
)
WEEKDAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
    "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip

# Read the same everywhere; a dot at the end may be missing where it stands in brackets.
ABBREVIATIONS = {
    "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "ie.": "that is",
    "etc.": "et cetera", "et al.": "et al", "vs.": "versus", "vs": "versus", "v.": "versus",
    "a.k.a.": "also known as", "aka": "also known as", "w/o": "without", "w/": "with",
    "b/c": "because", "approx.": "approximately", "est.": "estimated", "incl.": "including",
    "excl.": "excluding", "max.": "maximum", "min.": "minimum", "misc.": "miscellaneous",
    "dept.": "department", "Dept.": "Department", "govt.": "government", "Govt.": "Government",
    "Univ.": "University", "Inc.": "Incorporated", "Ltd.": "Limited", "Ltd": "Limited",
    "Co.": "Company", "Corp.": "Corporation", "Bros.": "Brothers", "Assn.": "Association",
    "ft.": "feet", "cf.": "compare", "Ph.D.": "pee aitch dee", "PhD": "pee aitch dee",
    "M.D.": "em dee", "B.A.": "bee ay", "M.A.": "em ay", "B.Sc.": "bee ess see",
    "M.Sc.": "em ess see", "BSc": "bee ess see", "MSc": "em ess see", "MBA": "em bee ay",
    "U.S.A.": "you ess ay", "U.S.": "you ess", "U.K.": "you kay", "U.N.": "you en",
    "E.U.": "ee you", "D.C.": "dee see", "L.A.": "ell ay", "P.S.": "pee ess",
    "pcm": "per calendar month", "p/w": "per week", "pw": "per week",
    "R.S.V.P.": "ar ess vee pee", "N.B.": "note",
    "24/7": "twenty four seven", "9/11": "nine eleven",
    "c/o": "care of", "n/a": "not applicable", "N/A": "not applicable", "b.c.": "bee see",
    "A.D.": "ay dee", "B.C.": "bee see", "D.I.Y.": "dee eye why", "tel.": "telephone",
    "Tel.": "Telephone", "ext.": "extension", "Ext.": "Extension", "esp.": "especially",
    "temp.": "temperature", "sq.": "square",
    "avg.": "average", "intl.": "international", "Intl.": "International",
    "asst.": "assistant", "Bldg.": "Building", "bldg.": "building", "mgr.": "manager",
    "qty.": "quantity", "Qty.": "Quantity", "WWII": "World War Two",
    "WWI": "World War One", "WW2": "World War Two", "WW1": "World War One",
    "TL;DR": "too long didn't read", "Mt.": "Mount", "Ft.": "Fort", "Pres.": "President",
    "Maj.": "Major", "Adm.": "Admiral", "Sr.": "Senior", "Jr.": "Junior", "Jr": "Junior",
    "Sr": "Senior", "Esq.": "Esquire", "Esq": "Esquire",
}  # fmt: skip
# Before a name.
TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miss", "Dr": "Doctor", "Prof": "Professor",
    "St": "Saint", "Sgt": "Sergeant", "Capt": "Captain", "Lt": "Lieutenant", "Col": "Colonel",
    "Gen": "General", "Gov": "Governor", "Sen": "Senator", "Rep": "Representative",
    "Rev": "Reverend", "Hon": "Honourable", "Drs": "Doctors", "Profs": "Professors",
    "Cpl": "Corporal", "Messrs": "Messieurs",
    "Fr": "Father", "Det": "Detective", "Cmdr": "Commander", "Pvt": "Private", "Supt":
    "Superintendent", "Insp": "Inspector", "Amb": "Ambassador", "Atty": "Attorney",
    "Cdr": "Commander", "Pfc": "Private First Class", "Brig": "Brigadier",
}  # fmt: skip
# Before a number.
LABELS = {
    "No": "number", "no": "number", "Nos": "numbers", "nos": "numbers", "p": "page",
    "pp": "pages", "pg": "page", "Pg": "Page", "Pp": "Pages", "P": "Page",
    "fig": "figure", "Fig": "Figure", "figs": "figures",
    "ch": "chapter", "Ch": "Chapter", "chap": "chapter", "vol": "volume", "Vol": "Volume",
    "sec": "section", "Sec": "Section", "para": "paragraph", "art": "article", "Art": "Article",
    "eq": "equation", "Eq": "Equation", "ex": "exercise", "Ex": "Exercise", "Apt": "Apartment",
    "apt": "apartment", "Ste": "Suite", "ste": "suite", "fl": "floor", "Rm": "Room", "rm": "room",
    "ver": "version",
    "v": "version", "Tbl": "Table", "ed": "edition", "ln": "line", "Pt": "Part", "pt": "part",
    "Op": "Opus", "op": "opus", "Est": "established", "Ps": "Psalm",
    "Lvl": "Level", "lvl": "level", "Ep": "Episode", "ep": "episode",
    "ext": "extension", "Ext": "Extension", "tel": "telephone",
    "Tel": "Telephone", "Hwy": "Highway", "Rte": "Route", "ca": "circa", "c": "circa",
    "approx": "approximately", "est": "established", "Nr": "number",
}  # fmt: skip
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        row(
            "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue ar ess tee you vee"
            " double-you ex why zed"
        ),
        strict=True,
    )
)
# Capitals that are said as a word.
WORDS = frozenset(
    row(
        "NASA NATO UNESCO UNICEF JSON REST JPEG RAM LAN ASAP LASER AIDS OPEC GIF PIN SIM COVID"
        " RADAR SCUBA FIFA UEFA POTUS SCOTUS ZIP SARS FEMA OSHA HIPAA NAFTA ASCII DOS BIOS CRUD"
        " AJAX YAML TOML SOAP WASP NIMBY FOMO YOLO LOL DRAM SWAT SEAL PEN ROM WAN MAN GAP IKEA"
        " LEGO PETA MADD NASCAR NORAD MENSA TOEFL UNIX LASIK EBITDA CAPTCHA MOMA SOHO TASER NAFTA"
        " GAAP HEPA MIDI ISIS RAND CERN BAFTA NASDAQ OLED LED WAP VISA BART AMC DARPA MERS CAD WIFI"
        " MAX"
    )
)
# Short words that are shouted more often than they are acronyms.
COMMON = frozenset(
    row(
        "A I AM AN AND ARE AS AT BE BUT BY CAN DO FOR FROM GET GO HAD HAS HAVE HE HER HERE HIM"
        " HIS HOW IF IN IS IT ITS ME MY NEW NO NOT NOW OF OFF OH ON ONE OR OUR OUT READ SAY SEE"
        " SHE SO STOP TAKE THAT THE THEM THEN THEY THIS TO TOO TWO UP US USE VERY WAS WE WHO WHY"
        " WILL WITH YES YET YOU YOUR ALL ANY BAD BIG DAY DID END FREE GOOD KEEP KNOW LAST LATE"
        " LET LIKE LONG MAKE MAY MORE MUST NEED NEXT OLD ONLY OPEN OVER PAY PLEASE PUT RED RULES"
        " RUN SALE SALES SAID SIT SOME SOON SORRY SURE TELL THAN THEIR THERE TIME TODAY TOP TRY"
        " TURN WAIT WANT WARNING WAY WELL WENT WERE WHAT WHEN WHERE WHICH WORK YEAR BACK BEST"
        " BOTH BUY CALL CARE COME DATE DEAR DOES DONE DOOR DOWN EACH ELSE EVEN EXIT FACE FACT"
        " FIND FIRE FULL GAME GIVE HAND HARD HEAD HELP HIGH HOME HOPE HOUR IDEA INTO JUST KEY"
        " KIND LEFT LESS LIFE LINE LIVE LOOK LOST LOVE MANY MEET MIND MUCH NAME NEWS NICE ONCE"
        " PART PLAY PUSH PULL REAL REST RIDE ROOM SAFE SAME SEND SHOW SIDE SIGN SITE SLOW STAY"
        " TEAM TEST TEXT THANK TRUE TYPE USED USER VIEW VOTE WALK WALL WASH WEAR WEEK WIDE WISH"
        " WORD ZERO EVER NEVER WATER DANGER BEWARE DOG CAT HOT COLD WET DRY LOW FAST FEW HOLD"
        " HERS HIT JOB KEEP KIDS LIST LOCK LOUD MEN MOM DAD MIX NOTE PASS PLUS POST RAIN RISK"
        " SAVE SELF SHUT SOLD SPOT STEP SUN TALK TEA TEN TRAY TRASH UNTIL WON YARD ZONE AGE AGO"
        " AIR ART ASK BAG BAR BED BOX BOY BUS CAR CUT EAT EYE FAR FIT FLY FUN GUN GUY ICE LAW"
        " LEG LIE LOT MAP OIL OWN PEN RAW SAD SEA SET SIX SKY TAX TIP WAR WIN ENTER ALERT ITEM"
        " LADIES GENTLEMEN ORDER CLOSED DEATH EARTH"
    )
)
SIGNS: dict[str, str | int | None] = {
    "&": " and ", "+": " plus ", "=": " equals ", "≈": " about ", "~": " about ",
    "<": " less than ", ">": " greater than ", "≤": " at most ", "≥": " at least ",
    "×": " times ", "÷": " divided by ", "±": " plus or minus ", "→": " , ", "←": " , ",
    "%": " percent ", "°": " degrees ", "$": " dollar ", "€": " euro ", "£": " pound ",
    "₽": " rouble ", "№": " number ", "§": " section ", "@": " at ", "#": " number ", "*": " ",
    "_": " ", "|": " , ", "^": " ", "`": " ", "\\": " ", "/": " ", "•": " , ", "·": " , ",
    "©": " copyright ", "®": "", "™": "", "½": " one half ", "¼": " one quarter ",
    "¾": " three quarters ", "²": " squared", "³": " cubed", "¢": " cents ",
    "≠": " is not equal to ", "√": " square root of ", "∞": " infinity ", "″": " inches ",
    "′": " feet ",
}  # fmt: skip
