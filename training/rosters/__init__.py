"""Reading completions from files of learning platforms. Pure: no models, no database; the bytes and the rows are read
by programmes.rosters.
"""
