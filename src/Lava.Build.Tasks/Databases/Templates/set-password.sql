-- A new role may log in once it has its password, which psql reads from standard input and sends as a hash.
\if :given
\password :"role"
\endif
SELECT format('ALTER ROLE %I LOGIN', :'role') \gexec
