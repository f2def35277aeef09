"""Two tables to the rows that stand for the same thing: candidates, comparisons column by column, a sum of weights.

columns -> what is compared, and how; records -> the rows of a table; candidates -> pairs worth a look;
comparisons -> how alike a pair is in each column; mixture -> weights without any label;
look_alikes -> from where on they mean a match; labelled -> weights with some
"""
