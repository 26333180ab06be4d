using System.Security.Cryptography;
using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Sources;

namespace Lava.Build.Tests.Sources;

/// <summary>A project, a cache and a home of a test's own.</summary>
internal sealed class SourceBench : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public SourceBench(params (string Name, string Value)[] variables)
    {
        foreach (string name in (string[])["project", "home", "state"])
        {
            Directory.CreateDirectory(Path.Combine(_directory.Path, name));
        }

        Layout = new CacheLayout(Path.Combine(_directory.Path, "cache"));
        Layout.Create();
        Archives = new ArchiveCache(Layout, Log);
        Dictionary<string, string> all = new() { ["PATH"] = "/usr/bin:/bin", ["HOME"] = At("home") };
        foreach ((string name, string value) in variables)
        {
            all[name] = value;
        }

        HostEnvironment host = new(Project, all);
        Context = new SourceContext
        {
            Archives = Archives,
            StateDirectory = At("state"),
            ProjectDirectory = Project,
            Host = host,
            Processes = new ProcessRunner(host),
            Log = Log,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            IdleTimeout = TimeSpan.FromSeconds(20),
            TransferTimeout = TimeSpan.FromSeconds(60),
        };
    }

    public CacheLayout Layout { get; }

    public ArchiveCache Archives { get; }

    public RecordingLog Log { get; } = new();

    public SourceContext Context { get; set; }

    public string Project => At("project");

    public string At(params string[] names) => Path.Combine([_directory.Path, .. names]);

    public void Dispose() => _directory.Dispose();

    /// <summary>What a download left behind.</summary>
    public string[] Leftovers() => Directory.GetFileSystemEntries(Layout.Incoming);

    /// <summary>The archives that the cache has.</summary>
    public string[] Cached() => [.. Directory.GetFiles(Layout.Archives).Select(Path.GetFileName).Order()!];

    public static byte[] Content(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static ComponentReference Reference(
        string source, string name, string version, string? sha256, params (string Name, string Value)[] metadata) => new()
        {
            Name = name,
            Source = source,
            Version = version,
            Sha256 = sha256,
            Metadata = metadata.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase),
            Location = new SourceLocation("instance.proj", 3, 4),
        };

    public static async Task<IReadOnlyList<Problem>> ProblemsOfAsync(Func<Task> work) =>
        (await Assert.ThrowsExactlyAsync<LavaException>(work)).Problems;

    public static async Task<Problem> ProblemOfAsync(Func<Task> work) => (await ProblemsOfAsync(work)).Single();
}
