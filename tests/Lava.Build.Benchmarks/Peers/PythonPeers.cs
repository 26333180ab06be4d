using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lava.Build.Benchmarks.Peers;

/// <summary>Wheels made for measuring: ours unpacks them as archives, pip installs them into a virtual environment.</summary>
internal sealed class PythonPeers
{
    private const string Interpreter = "/usr/bin/python3";
    private const string Version = "1.0.0";

    // With the three files that a wheel says of itself, as many as other components have.
    private const int Modules = SyntheticComponents.Files - 3;

    // $0: the environment; the rest: arguments of pip.
    private const string Create = $"virtualenv -q -p {Interpreter} \"$0\" && \"$0/bin/pip\" \"$@\"";

    private readonly Workspace _workspace;
    private readonly string _wheels;
    private readonly Dictionary<string, string> _environment;

    private PythonPeers(Workspace workspace)
    {
        _workspace = workspace;
        _wheels = workspace.NewDirectory("wheels");
        _environment = new() { ["HOME"] = workspace.NewDirectory("home") };
    }

    internal static async Task<IReadOnlyList<TimedCommand>> NewAsync(Workspace workspace)
    {
        PythonPeers peers = await MakeAsync(workspace);
        Project project = await peers.MakeProjectAsync();
        List<TimedCommand> commands =
        [
            new(TimedCommand.Ours, async _ =>
            {
                Sample sample = await project.NewInstanceFromArchivesAsync();
                peers.Require(project.NewestRelease, compiled: true);
                return sample;
            }),
            new("ours, trees cached too", _ => project.NewInstanceAsync()),
        ];
        if (await peers.FindAsync())
        {
            commands.Add(new("virtualenv, pip install", _ => peers.InstallAsync(compile: true)));
            commands.Add(new("virtualenv, pip install --no-compile", _ => peers.InstallAsync(compile: false)));
        }

        return commands;
    }

    /// <summary>What pip takes to find that all is installed; nothing if it is not there.</summary>
    internal static async Task<IReadOnlyList<TimedCommand>> NothingToDoAsync(Workspace workspace)
    {
        PythonPeers peers = await MakeAsync(workspace);
        if (!await peers.FindAsync())
        {
            return [];
        }

        string environment = workspace.NewDirectory("venv");
        await workspace.TimeAsync(workspace.Root, peers._environment, ["sh", "-c", Create, environment, .. peers.Arguments, "--no-compile"]);
        return [new("pip install", _ => workspace.TimeAsync(workspace.Root, peers._environment, [Path.Combine(environment, "bin/pip"), .. peers.Arguments]))];
    }

    private string[] Arguments =>
    [
        "install", "-q", "--isolated", "--disable-pip-version-check", "--no-index", "--no-deps", "--find-links", _wheels,
        "--require-hashes", "-r", Path.Combine(_wheels, "requirements.txt"),
    ];

    private string SitePackages
    {
        get
        {
            string version = _workspace.Programs.Versions["python3"];
            return $"lib/python{version[..version.LastIndexOf('.')]}/site-packages";
        }
    }

    private async Task<Sample> InstallAsync(bool compile)
    {
        string environment = _workspace.NewDirectory("venv");
        Sample sample = await _workspace.TimeAsync(
            _workspace.Root, _environment, ["sh", "-c", Create, environment, .. Arguments, compile ? "--compile" : "--no-compile"]);
        Require(environment, compile);
        return sample;
    }

    private void Require(string root, bool compiled)
    {
        string[] packages = [.. Enumerable.Range(0, _workspace.Options.Size).Select(i => Path.Combine(root, SitePackages, $"c{i}"))];
        Workspace.Require(packages, "*.py", Modules);
        Workspace.Require(packages, "*.pyc", compiled ? Modules : 0);
    }

    private async Task<bool> FindAsync()
    {
        if (_workspace.Programs.Find("virtualenv", "apt-get install virtualenv python3-pip") is not { } virtualenv)
        {
            return false;
        }

        string environment = _workspace.NewDirectory("venv");
        await Workspace.RunAsync(_workspace.Root, _environment, virtualenv, "-q", "-p", Interpreter, environment);
        await _workspace.Programs.NoteVersionAsync("virtualenv", virtualenv, "--version");
        await _workspace.Programs.NoteVersionAsync("pip", Path.Combine(environment, "bin/pip"), "--version");
        return true;
    }

    private Task<Project> MakeProjectAsync() => Project.MakeAsync(
        _workspace, _wheels, Enumerable.Range(0, _workspace.Options.Size).Select(i => new Component($"c{i}", Version, WheelName(i), SitePackages)));

    private static async Task<PythonPeers> MakeAsync(Workspace workspace)
    {
        PythonPeers peers = new(workspace);
        await workspace.Programs.NoteVersionAsync("python3", Interpreter, "--version");
        Parallel.For(0, workspace.Options.Size, i => MakeWheel(Path.Combine(peers._wheels, WheelName(i)), i));
        await File.WriteAllLinesAsync(
            Path.Combine(peers._wheels, "requirements.txt"),
            Enumerable.Range(0, workspace.Options.Size).Select(i =>
                $"c{i}=={Version} --hash=sha256:{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(peers._wheels, WheelName(i)))))}"));
        return peers;
    }

    private static string WheelName(int component) => $"c{component}-{Version}-py3-none-any.whl";

    // https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    private static void MakeWheel(string path, int component)
    {
        Random random = new(component);
        string information = $"c{component}-{Version}.dist-info";
        List<(string Name, byte[] Content)> members =
        [
            .. Enumerable.Range(0, Modules)
                .Select(file => ($"c{component}/{SyntheticComponents.PathOf(file, "py")}", Module(random))),
            ($"{information}/METADATA", Encoding.UTF8.GetBytes($"Metadata-Version: 2.1\nName: c{component}\nVersion: {Version}\n")),
            ($"{information}/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"u8.ToArray()),
        ];
        StringBuilder record = new();
        foreach ((string name, byte[] content) in members)
        {
            record.Append(CultureInfo.InvariantCulture, $"{name},sha256={Base64Url.EncodeToString(SHA256.HashData(content))},{content.Length}\n");
        }

        record.Append(CultureInfo.InvariantCulture, $"{information}/RECORD,,\n");
        members.Add(($"{information}/RECORD", Encoding.UTF8.GetBytes(record.ToString())));
        SyntheticComponents.WriteZip(path, members);
    }

    // About as long as the other files, with as much to compile as code has.
    private static byte[] Module(Random random)
    {
        StringBuilder text = new();
        while (text.Length < 5_200)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                def function_{{random.Next()}}(first, second=None):
                    "Gives {{random.Next()}} of {{random.Next()}}."
                    if second is None:
                        second = [first + {{random.Next(1000)}} for first in range({{random.Next(1000)}})]
                    return {"first": first, "second": second, "name": "{{random.Next()}}"}



                """);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
