"""Reading rosters: files from student record systems and learning platforms, turned into clean rows.

Pure: no models, no database, no settings. Hostile or broken input ends as a `RosterError` (the file cannot be used)
or as `Problem`s (this row cannot), never as a traceback. From the bytes up:

    sources   a folder, a zip or one file, within limits      ->  parts with names
    detect    encoding, delimiter, header row
    tables    one part as rows of text (CSV, TSV, TXT, XLSX)
    mapping   which column means what
    people    a mapped table as people
    oneroster a OneRoster 1.1 or 1.2 package as units, terms, people, groups and enrolments
"""
