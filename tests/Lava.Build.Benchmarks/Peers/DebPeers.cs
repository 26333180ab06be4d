namespace Lava.Build.Benchmarks.Peers;

/// <summary>The sample's Debian packages, unpacked by <c>dpkg-deb -x</c>, each into a directory of its own.</summary>
internal static class DebPeers
{
    private const string Install = "apt-get install dpkg";
    private const string Interpreter = "/usr/bin/python3";

    // $0: where to; $1: how many processes.
    private const string Unpack =
        "printf '%s\\0' * | xargs -0 -P \"$1\" -n 5 sh -c 'for f; do dpkg-deb -x \"$f\" \"$0/$f\" || exit 255; done' \"$0\"";

    // As ours: with unchecked hashes, in as many processes as there are processors. Modules that do not compile are passed over by both.
    private const string Compile =
        $"{{ {Interpreter} -I -m compileall -q -j 0 -r 30 --invalidation-mode unchecked-hash \"$0\" > /dev/null || true; }}";

    internal static async Task<IReadOnlyList<TimedCommand>> UnpackAsync(Workspace workspace)
    {
        Project project = await Scenarios.RestoreSampleAsync(workspace);
        List<TimedCommand> commands =
        [
            new(TimedCommand.Ours, _ => project.NewInstanceFromArchivesAsync()),
            new("ours, trees cached too", _ => project.NewInstanceAsync()),
        ];
        if (workspace.Programs.Find("dpkg-deb", Install) is { } dpkg)
        {
            await workspace.Programs.NoteVersionAsync("dpkg-deb", dpkg, "--version");
            commands.Add(Command("dpkg-deb -x, one after another", Unpack, 1));
            commands.Add(Command("dpkg-deb -x, 2 processes", Unpack, 2));
            commands.Add(Command("dpkg-deb -x, 2 processes, then compileall", $"{Unpack} && {Compile}", 2));
        }

        return commands;

        TimedCommand Command(string name, string script, int processes) => new(name, _ => workspace.TimeAsync(
            project.Archives, "sh", "-c", script, workspace.NewDirectory("deb"), $"{processes}"));
    }
}
