"""Stage 1, student-staff co-design, and the programme model all stages share."""
