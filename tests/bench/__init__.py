"""`make bench`: the speed goals as a table and var/bench.json.

How to add a measurement: write a function in a module of this package, decorate it with `@register("P11")`, import the
module in tests/bench/run.py. It gets a `Bench` (tests/bench/stage.py) and yields `Result`s. See registry.py.
"""
