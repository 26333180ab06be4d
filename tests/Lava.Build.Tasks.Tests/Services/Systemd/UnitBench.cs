using Lava.Build.Instances;
using Lava.Build.Releases;
using Lava.Build.Services;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Tests.Services.Systemd;

/// <summary>An instance on disk with releases that hold nothing but what runs.</summary>
internal sealed class UnitBench : IDisposable
{
    private const UnixFileMode Passable = (UnixFileMode)0b111_101_101;
    private readonly TemporaryDirectory _directory = new();

    /// <param name="name">The instance's directory; below one that everybody may pass.</param>
    public UnitBench(string name = "instance")
    {
        File.SetUnixFileMode(_directory.Path, Passable);
        Layout = new InstanceLayout(Path.Combine(_directory.Path, name));
        foreach (string directory in (string[])["etc", "run", "tmp", "var", "code"])
        {
            Directory.CreateDirectory(Path.Combine(Layout.Root, directory));
        }
    }

    public InstanceLayout Layout { get; }

    public string Root => Layout.Root;

    /// <summary>A directory for units.</summary>
    public string Units => Path.Combine(_directory.Path, "units");

    public string this[params string[] names] => Path.Combine([Root, .. names]);

    /// <summary>What has every feature that a unit can show.</summary>
    public static InstanceServices Everything(string instance = "all", string user = "daemon") => new()
    {
        Instance = instance,
        User = user,
        Services =
        [
            new ServiceDescription
            {
                Name = "database",
                Command = "database",
                Arguments = ["-D", "@{InstanceRoot}/var/database"],
                After = ["cluster"],
                StopSignal = "SIGINT",
                Health = new HealthCheck { Socket = "run/database/.s.5432" },
                Sandbox = new Dictionary<string, string> { ["MemoryDenyWriteExecute"] = "", ["ReadWritePaths"] = "\"@{InstanceRoot}/var\" /dev/shm" },
            },
            new ServiceDescription
            {
                Name = "web",
                Command = "/bin/sleep",
                Arguments = ["infinity"],
                Environment = new Dictionary<string, string> { ["A"] = "b \"c\" $d %e", ["PLACE"] = "@{Release}/share" },
                WorkingDirectory = "var",
                After = ["migrate"],
                Restart = RestartPolicy.Always,
                Health = new HealthCheck { Http = "http://127.0.0.1:8000/", Status = 204 },
                Listens = ["127.0.0.1:8000"],
            },
            new ServiceDescription
            {
                Name = "worker",
                Command = "worker",
                User = "root",
                After = ["web", "database"],
                OnFailure = FailureAction.Continue,
                KillMode = KillMode.Process,
                DrainSignal = "SIGUSR1",
                DrainTimeout = 20,
                Health = new HealthCheck { Command = "test -e \"$LAVA_INSTANCE/run/worker\"" },
            },
            new ServiceDescription { Name = "once", Command = "once", Restart = RestartPolicy.Never, After = ["web"] },
        ],
        Steps =
        [
            new StepDescription { Name = "cluster", Command = "true", Once = StepFrequency.Start },
            new StepDescription { Name = "migrate", Command = "true", After = ["database"], Timeout = 1200 },
        ],
    };

    /// <summary>Makes a release and the active one of it, with programs in its <c>bin</c>.</summary>
    public string Activate(string name, InstanceServices services, params (string Name, string Text)[] programs)
    {
        string release = Layout.Release(name);
        GeneratedFile[] files =
        [
            GeneratedFile.Text(ServicesFile.Path, ServicesFile.ToText(services)),
            .. StepScripts.For(services.Steps),
            .. UnitFiles.For(services),
            .. programs.Select(program => GeneratedFile.Program($"bin/{program.Name}", program.Text)),
            GeneratedFile.Text("release.json", "{}"),
        ];
        foreach (GeneratedFile file in files)
        {
            string path = Path.Combine(release, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ProgramFile.Write(path, file.Content!, file.Mode);
        }

        File.Delete(Layout.Current);
        File.CreateSymbolicLink(Layout.Current, name);
        return release;
    }

    /// <summary>The units of <paramref name="services"/> as they are installed here, by name.</summary>
    public IReadOnlyDictionary<string, string> Filled(InstanceServices services, bool system) => UnitFiles.For(services)
        .Where(file => Path.GetDirectoryName(file.Path) == (system ? UnitFiles.SystemDirectory : UnitFiles.UserDirectory))
        .ToDictionary(file => Path.GetFileName(file.Path), file => UnitHoles.Fill(file.Content!, Root, []));

    public void Dispose() => _directory.Dispose();
}
