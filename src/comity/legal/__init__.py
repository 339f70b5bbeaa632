"""Law as data, decisions with reasons: may this act be done, under which article, and what would cure a no.

Two people of two states decide independently over the same kind of tables. A decision has three outcomes, allow,
deny and refer; a fact that nobody stated never allows. Only an allow can become a permit, and only `service` makes
permits.
"""
