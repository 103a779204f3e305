"""The fictional University of Aberwen: a demonstration worth seeing, and the data every benchmark runs on."""
