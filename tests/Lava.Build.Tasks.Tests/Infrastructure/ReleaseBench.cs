using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Releases;

namespace Lava.Build.Tests;

/// <summary>An instance of a test's own with a cache of its own, and the way from archives to releases.</summary>
internal sealed class ReleaseBench : IDisposable
{
    public ReleaseBench() => Layout = new InstanceLayout(Cache.At("instance"));

    public CacheBench Cache { get; } = new();

    public InstanceLayout Layout { get; init; }

    public RecordingLog Log => Cache.Log;

    public PythonInterpreter? Python { get; init; }

    public LinkMode LinkMode { get; init; } = LinkMode.HardLink;

    /// <summary>Whether assemblies look at every byte.</summary>
    public bool Verify { get; set; }

    public TreeCache Trees => Cache.Trees(Python);

    public StoreWriter Store => new(Layout, Trees, Cache.Layout, LinkMode, Log);

    public void Dispose() => Cache.Dispose();

    public static ComponentReference Reference(string name, params (string Name, string Value)[] metadata) => new()
    {
        Name = name,
        Source = "archive",
        Version = "1.0",
        Metadata = metadata.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase),
        Location = new SourceLocation("instance.proj", 3, 4),
    };

    public static ReleaseComponent Component(TreeCache trees, TreeRequest request, params (string Name, string Value)[] metadata)
    {
        Pin pin = new() { Name = request.Component, Source = "archive", Version = "1.0", Sha256 = request.Archive };
        return new ReleaseComponent(new PinnedComponent(Reference(request.Component, metadata), pin), trees.DigestOf(request), null, null);
    }

    public ReleaseDescription Describe(params TreeRequest[] requests) => new()
    {
        Instance = "sample",
        Revision = "1.0",
        Configuration = "Debug",
        Components = [.. requests.Select(request => Component(Trees, request))],
        Parts = new InstanceParts(),
        Python = Python,
        PythonSetting = "/usr/bin/python3",
    };

    public Task<string> AssembleAsync(
        ReleaseDescription description, IReadOnlyList<TreeRequest> requests, IBuildLog? log = null, CancellationToken cancellation = default) =>
        new ReleaseAssembler(Layout, Store, new ProcessRunner(Cache.Host), Cache.Host, log ?? Log)
            .AssembleAsync(description, requests.ToDictionary(request => request.Component), Verify, cancellation);

    public Task<string> AssembleAsync(params TreeRequest[] requests) => AssembleAsync(Describe(requests), requests);

    /// <summary>What the instance has in <c>code</c>, besides the lock and the record of <c>etc</c>.</summary>
    public string[] InCode() => InDirectory(Layout.Code, ".lock", ".etc");

    /// <summary>What the instance has in its store.</summary>
    public string[] InStore() => InDirectory(Layout.Store);

    private static string[] InDirectory(string directory, params string[] except) =>
    [
        .. Directory.EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { AttributesToSkip = 0 })
            .Select(path => Path.GetFileName(path)!)
            .Where(name => !except.Contains(name))
            .Order(StringComparer.Ordinal),
    ];
}
