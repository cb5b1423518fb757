"""Commerce: catalogue, checkout, prices, addresses, payments and orders.

Prices and stock are decided by the database in the transaction that writes the order; a client
sends ids, quantities and the total it was shown. Amounts are integers in paise, named `*_minor`.
"""
