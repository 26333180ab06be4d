namespace Lava.Build.Benchmarks.Peers;

/// <summary>npm, pnpm and bun, offline, each from a cache that it filled itself. None of them finds a server any more.</summary>
internal sealed class NodePeers
{
    private const string HardLinks = "cp -al";

    private readonly Workspace _workspace;
    private readonly NodePackages _packages;
    private readonly Dictionary<string, string> _environment;
    private readonly string _npmCache;
    private readonly string _pnpmStore;

    private NodePeers(Workspace workspace, NodePackages packages)
    {
        _workspace = workspace;
        _packages = packages;
        _npmCache = workspace.NewDirectory("npm-cache");
        _pnpmStore = workspace.NewDirectory("pnpm-store");
        _environment = new()
        {
            ["HOME"] = workspace.NewDirectory("home"),
            ["BUN_INSTALL_CACHE_DIR"] = workspace.NewDirectory("bun-cache"),
            ["DO_NOT_TRACK"] = "1",
        };
    }

    // A peer: its lock file, how it makes a project's first one, how it installs from that, and how it finds that nothing is to do.
    private sealed record Peer(string Name, string LockFile, string[] Fill, string[] Install, string[] Check)
    {
        internal string Template { get; set; } = "";
    }

    internal static async Task<IReadOnlyList<TimedCommand>> NewAsync(Workspace workspace)
    {
        NodePeers peers = Make(workspace);
        Project project = await Project.MakeAsync(workspace, peers._packages.Directory, peers._packages.Components);
        List<TimedCommand> commands =
        [
            new(TimedCommand.Ours, async _ =>
            {
                Sample sample = await project.NewInstanceAsync();
                peers._packages.Require(Path.Combine(project.NewestRelease, "lib/node_modules"));
                return sample;
            }),
            new("ours, only archives cached", _ => project.NewInstanceFromArchivesAsync()),
            new(HardLinks, _ => workspace.TimeAsync(workspace.Root, "cp", "-al", project.Trees, Path.Combine(workspace.NewDirectory("copy"), "trees"))),
        ];
        foreach (Peer peer in await peers.FillAsync())
        {
            commands.Add(new(string.Join(' ', [peer.Name, .. Words(peer.Install)]), async _ =>
            {
                string directory = peers.NewProject(peer);
                Sample sample = await peers.TimeAsync(directory, peer.Install);
                peers._packages.Require(Path.Combine(directory, "node_modules"));
                return sample;
            }));
        }

        return commands;
    }

    /// <summary>What each takes to find that all is installed.</summary>
    internal static async Task<IReadOnlyList<TimedCommand>> NothingToDoAsync(Workspace workspace)
    {
        NodePeers peers = Make(workspace);
        Project project = await Project.MakeAsync(workspace, peers._packages.Directory, peers._packages.Components);
        await project.BuildAsync();
        List<TimedCommand> commands = [new(TimedCommand.Ours, _ => project.BuildAsync()), TimedCommand.BareBuild(workspace)];
        foreach (Peer peer in await peers.FillAsync())
        {
            string directory = peers.NewProject(peer);
            await peers.TimeAsync(directory, peer.Install);
            commands.Add(new(string.Join(' ', [peer.Name, .. Words(peer.Check)]), _ => peers.TimeAsync(directory, peer.Check)));
        }

        return commands;
    }

    private static NodePeers Make(Workspace workspace) =>
        new(workspace, new NodePackages(workspace.NewDirectory("packages"), workspace.Options.Size));

    private static IEnumerable<string> Words(string[] command) =>
        command.Skip(1).Where(word => !word.StartsWith("--", StringComparison.Ordinal) || word is "--offline" or "--frozen-lockfile");

    private async Task<IReadOnlyList<Peer>> FillAsync()
    {
        using LoopbackRegistry registry = new(_packages.Answer);
        List<Peer> peers = [];
        foreach (Peer peer in Installed())
        {
            peer.Template = _workspace.NewDirectory($"{peer.Name}-template");
            await File.WriteAllTextAsync(Path.Combine(peer.Template, "package.json"), _packages.Description);
            await File.WriteAllTextAsync(Path.Combine(peer.Template, ".npmrc"), $"registry={registry.Address}\n");
            await Workspace.RunAsync(peer.Template, _environment, peer.Fill);
            await _workspace.Programs.NoteVersionAsync(peer.Name, peer.Fill[0], "--version");
            peers.Add(peer);
        }

        return peers;
    }

    private IEnumerable<Peer> Installed()
    {
        if (_workspace.Programs.Find("npm", "Node.js with npm") is { } npm)
        {
            string[] quiet = ["--no-audit", "--no-fund", "--no-update-notifier", $"--cache={_npmCache}"];
            yield return new(
                "npm", "package-lock.json", [npm, "install", .. quiet], [npm, "ci", "--offline", .. quiet], [npm, "install", "--offline", .. quiet]);
        }

        if (_workspace.Programs.Find("pnpm", "npm install --prefix DIR pnpm bun, then --peers DIR") is { } pnpm)
        {
            string[] install = [pnpm, "install", $"--store-dir={_pnpmStore}"];
            string[] locked = [.. install, "--frozen-lockfile", "--offline"];
            yield return new("pnpm", "pnpm-lock.yaml", install, locked, locked);
        }

        if (_workspace.Programs.Find("bun", "npm install --prefix DIR pnpm bun, then --peers DIR") is { } bun)
        {
            string[] locked = [bun, "install", "--frozen-lockfile"];
            yield return new("bun", "bun.lock", [bun, "install"], locked, locked);
        }
    }

    private string NewProject(Peer peer)
    {
        string directory = _workspace.NewDirectory(peer.Name);
        foreach (string name in (string[])["package.json", ".npmrc", peer.LockFile])
        {
            File.Copy(Path.Combine(peer.Template, name), Path.Combine(directory, name));
        }

        return directory;
    }

    private Task<Sample> TimeAsync(string directory, string[] command) => _workspace.TimeAsync(directory, _environment, command);
}
