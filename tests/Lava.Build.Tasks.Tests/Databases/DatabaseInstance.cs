using Lava.Build.Components;
using Lava.Build.Databases;
using Lava.Build.Releases;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>
/// An instance on disk whose release has all that a database gives it. PostgreSQL's own programs are the host's; those of real
/// components are tried elsewhere.
/// </summary>
internal sealed class DatabaseInstance : IDisposable
{
    public const string HostPrograms = "/usr/lib/postgresql/15/bin";
    public const string Release = "1.0+0123abcd";

    public static readonly string[] Components = ["postgresql-15", "postgresql-client-15"];

    private readonly TemporaryDirectory _directory;

    private DatabaseInstance(TemporaryDirectory directory, string root, DatabaseParts parts)
    {
        _directory = directory;
        Root = root;
        Parts = parts;
    }

    public string Root { get; private set; }

    public DatabaseParts Parts { get; }

    public string Data => At("var/postgresql/15/main");

    /// <summary>An instance with <paramref name="database"/>, by default one of its own.</summary>
    public static async Task<DatabaseInstance> MakeAsync(DatabaseDescription? database = null, string name = "i", string[]? components = null)
    {
        database ??= new DatabaseDescription { Name = "lab", User = "server" };
        CollectionAssert.AreEqual(Array.Empty<object>(), DatabaseChecks.Check([database], components ?? Components).ToArray());
        TemporaryDirectory directory = new();
        string root = Path.Combine(directory.Path, name);
        DatabaseInstance instance = new(directory, root, DatabaseServices.Expand(database, components ?? Components));
        foreach (string own in InstanceParts.OwnDirectories.Concat(instance.Parts.Directories.Select(part => part.Path)))
        {
            Directory.CreateDirectory(instance.At(own));
        }

        foreach (GeneratedFile file in DatabaseFiles.For(database, components ?? Components, "an instance"))
        {
            instance.WriteInRelease(file.Path, file.Content!, file.Mode);
        }

        foreach (ProgramPart part in instance.Parts.Programs)
        {
            string program = $"{HostPrograms}/{Path.GetFileName(part.Program)}";
            instance.WriteInRelease(part.Path, $"#!/bin/sh\nexec {program} \"$@\"\n", (UnixFileMode)0b101_101_101);
        }

        foreach (Lava.Build.Instances.ConfigurationFile file in DatabaseFiles.Configuration(database))
        {
            File.WriteAllText(instance.At(file.Path), file.Content);
        }

        await OrdinaryUser.OwnAsync(directory.Path);
        // Others may try as well.
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_001_001);
        return instance;
    }

    public string At(string path) => Path.Combine(Root, path);

    public string InRelease(string path) => Path.Combine(Root, "code", Release, path);

    /// <summary>Runs a program of the release.</summary>
    public Task<Ran> RunAsync(string program, params string[] arguments) => RunAsync(new Dictionary<string, string?>(), program, arguments);

    public Task<Ran> RunAsync(IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments) =>
        OrdinaryUser.RunAsync([InRelease(program), .. arguments], environment, "/");

    public async Task<string> ClusterAsync()
    {
        Ran ran = await RunAsync(DatabaseFiles.ClusterScript);
        return ran.ExitCode == 0 && ran.Error.Length == 0 ? "" : $"{ran.ExitCode}: {ran.Error}";
    }

    /// <summary>What the step says; it waits for no server.</summary>
    public async Task<string> DatabaseAsync()
    {
        Ran ran = await RunAsync(new Dictionary<string, string?> { ["LAVA_PATIENCE"] = "0" }, DatabaseFiles.DatabaseScript);
        return ran.ExitCode == 0 && ran.Error.Length == 0 ? "" : $"{ran.ExitCode}: {ran.Error}";
    }

    /// <summary>Starts the server, which accepts connections when this returns.</summary>
    public async Task<ServerProcess> StartAsync()
    {
        ServerProcess server = ServerProcess.Start(new Dictionary<string, string?>(), InRelease("bin/postgres"));
        bool ready = await server.WaitAsync(async () => (await RunAsync(DatabaseFiles.ReadyScript)).ExitCode == 0);
        Assert.IsTrue(ready, ready ? "" : $"It ended with {server.ExitCode}: {server.Output}");
        return server;
    }

    /// <summary>What the server says that cannot start.</summary>
    public async Task<string> FailToStartAsync(IReadOnlyDictionary<string, string?>? environment = null)
    {
        Ran ran = await RunAsync(environment ?? new Dictionary<string, string?>(), "bin/postgres");
        Assert.AreNotEqual(0, ran.ExitCode);
        return ran.Error;
    }

    /// <summary>The answer to a statement.</summary>
    public async Task<string> AskAsync(string sql, string? superuser = null)
    {
        string[] who = superuser is null ? [] : ["-U", superuser, "-d", superuser];
        Ran ran = await RunAsync(DatabaseFiles.QueryScript, ["-At", "-c", sql, .. who]);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        return ran.Output.TrimEnd('\n');
    }

    public void MoveTo(string name)
    {
        string root = Path.Combine(_directory.Path, name);
        Directory.Move(Root, root);
        Root = root;
    }

    public void Dispose() => _directory.Dispose();

    private void WriteInRelease(string path, string content, UnixFileMode mode)
    {
        string file = InRelease(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        ProgramFile.Write(file, content, mode);
    }
}
