### Words of the field that stand alone, as in the table of the module.

term-not-known = inconnu
