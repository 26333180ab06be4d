# Becomes the program that the arguments are once a line comes on descriptor 3. If whoever should write it dies first, nothing has run.
read -r go <&3 || exit 0
unset go PWD
exec 3<&- "$@"
