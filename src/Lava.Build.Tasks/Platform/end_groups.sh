# Ends process groups that outlive the process which has this one's standard input: "+ <group>" comes from each before it
# does anything, "- <group>" when it has ended. However that process ends, the kernel closes the pipe. Says first which
# process this is.
echo $$
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
