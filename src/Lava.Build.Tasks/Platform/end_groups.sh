# Ends process groups that outlive the process which writes to this one's standard input: "+ <group>" for each that it
# starts, "- <group>" for each that has ended. However the writer ends, the kernel closes the pipe.
groups=
while read -r sign group; do
    case $sign in
    +) groups="$groups $group" ;;
    -)
        rest=
        for other in $groups; do
            [ "$other" = "$group" ] || rest="$rest $other"
        done
        groups=$rest
        ;;
    esac
done
for group in $groups; do
    kill -s KILL -- "-$group"
done
