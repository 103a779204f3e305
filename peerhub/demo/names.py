"""Names from many cultures, for people who do not exist. Given and family names are drawn from the same row."""

NAMES = [
    (
        ("Amina", "Zainab", "Ibrahim", "Yusuf", "Fatima", "Omar"),
        ("Hassan", "Abdi", "Ali", "Mohamed", "Warsame", "Said"),
    ),
    (
        ("Chidi", "Ngozi", "Ifeoma", "Emeka", "Adaeze", "Obinna"),
        ("Okafor", "Eze", "Nwosu", "Okonkwo", "Adeyemi", "Balogun"),
    ),
    (("Kwame", "Abena", "Kofi", "Efua", "Yaw", "Akosua"), ("Osei", "Mensah", "Boateng", "Asante", "Owusu", "Appiah")),
    (("Priya", "Arjun", "Ananya", "Rohan", "Meera", "Vikram"), ("Nair", "Patel", "Sharma", "Iyer", "Reddy", "Gupta")),
    (
        ("Imran", "Ayesha", "Bilal", "Sana", "Hamza", "Maryam"),
        ("Sheikh", "Khan", "Malik", "Ahmed", "Hussain", "Qureshi"),
    ),
    (
        ("Nusrat", "Tahmid", "Farhana", "Rafi", "Shirin", "Arif"),
        ("Rahman", "Chowdhury", "Islam", "Begum", "Miah", "Haque"),
    ),
    (("Wei", "Xinyi", "Hao", "Mei", "Jun", "Yan"), ("Chen", "Wang", "Li", "Zhang", "Liu", "Huang")),
    (("Min-jun", "Seo-yeon", "Ji-ho", "Ha-eun", "Jun", "Soo-ah"), ("Park", "Kim", "Lee", "Choi", "Jung", "Kang")),
    (("Haruto", "Sakura", "Ren", "Yui", "Sota", "Aoi"), ("Sato", "Suzuki", "Tanaka", "Ito", "Nakamura", "Mori")),
    (("Linh", "Minh", "Anh", "Khoa", "Thu", "Quang"), ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ")),
    (
        ("Ffion", "Tomos", "Rhian", "Dylan", "Cerys", "Owain"),
        ("Rees", "Pugh", "Davies", "Llewellyn", "Griffiths", "Bevan"),
    ),
    (
        ("Megan", "Rhys", "Catrin", "Gethin", "Lowri", "Ieuan"),
        ("Evans", "Hughes", "Morgan", "Prosser", "Jenkins", "Howell"),
    ),
    (
        ("Aoife", "Cian", "Niamh", "Oisín", "Saoirse", "Darragh"),
        ("Murphy", "Byrne", "Kelly", "Doyle", "Ó Briain", "Walsh"),
    ),
    (
        ("Isla", "Callum", "Eilidh", "Finlay", "Morag", "Ewan"),
        ("Campbell", "MacLeod", "Fraser", "Stewart", "Sinclair", "Ross"),
    ),
    (
        ("Olivia", "Jack", "Grace", "Oliver", "Chloe", "Harry"),
        ("Bright", "Taylor", "Walker", "Green", "Cooper", "Ward"),
    ),
    (
        ("Sofía", "Mateo", "Valentina", "Diego", "Camila", "Andrés"),
        ("Herrera", "Ruiz", "García", "Morales", "Castillo", "Vega"),
    ),
    (
        ("Inês", "João", "Beatriz", "Tiago", "Larissa", "Rafael"),
        ("Silva", "Santos", "Ferreira", "Costa", "Almeida", "Rocha"),
    ),
    (
        ("Ines", "Louis", "Camille", "Hugo", "Élodie", "Mathis"),
        ("Moreau", "Dubois", "Lefèvre", "Girard", "Rousseau", "Petit"),
    ),
    (
        ("Leila", "Karim", "Nour", "Samir", "Yasmine", "Rami"),
        ("Haddad", "Khoury", "Mansour", "Nasser", "Farah", "Saleh"),
    ),
    (
        ("Maya", "Elias", "Astrid", "Nils", "Freja", "Lars"),
        ("Lindqvist", "Johansson", "Nielsen", "Hansen", "Berg", "Dahl"),
    ),
    (
        ("Zofia", "Jakub", "Kinga", "Mateusz", "Oliwia", "Piotr"),
        ("Kowalska", "Nowak", "Wójcik", "Zieliński", "Lewandowska", "Mazur"),
    ),
    (
        ("Elena", "Andrei", "Ioana", "Radu", "Mihaela", "Ștefan"),
        ("Popescu", "Ionescu", "Dumitru", "Stan", "Marin", "Rusu"),
    ),
    (
        ("Olena", "Taras", "Daryna", "Bohdan", "Kateryna", "Maksym"),
        ("Shevchenko", "Kovalenko", "Bondarenko", "Tkachenko", "Melnyk", "Kravets"),
    ),
    (("Elif", "Emre", "Zeynep", "Mert", "Defne", "Can"), ("Yılmaz", "Demir", "Kaya", "Şahin", "Çelik", "Arslan")),
    (
        ("Giulia", "Luca", "Chiara", "Matteo", "Sara", "Davide"),
        ("Rossi", "Bianchi", "Romano", "Ricci", "Marino", "Greco"),
    ),
    (
        ("Thandiwe", "Sipho", "Nomsa", "Themba", "Lerato", "Bongani"),
        ("Dlamini", "Nkosi", "Khumalo", "Mokoena", "Ndlovu", "Zulu"),
    ),
    (
        ("Wanjiru", "Otieno", "Achieng", "Kamau", "Njeri", "Kiptoo"),
        ("Mwangi", "Odhiambo", "Kariuki", "Wambui", "Kimani", "Cheruiyot"),
    ),
    (("Kai", "Alex", "Sam", "Robin", "Charlie", "Jo"), ("Davies", "Ellis", "Marsh", "Okoro", "Kaur", "Flynn")),
    (
        ("Harpreet", "Gurleen", "Jaspreet", "Manveer", "Simran", "Arvinder"),
        ("Kaur", "Singh", "Gill", "Dhillon", "Sandhu", "Bains"),
    ),
    (("Leilani", "Tane", "Aroha", "Wiremu", "Mele", "Sione"), ("Tupou", "Parata", "Fonoti", "Ngata", "Taufa", "Rangi")),
]
PRONOUNS = ("", "", "", "", "she/her", "he/him", "they/them", "she/they")
