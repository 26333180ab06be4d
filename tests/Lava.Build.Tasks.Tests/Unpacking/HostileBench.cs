using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>A cache into which nothing hostile may come, with a directory beside its trees that must stay as it is.</summary>
internal sealed class HostileBench : IDisposable
{
    private readonly CacheBench _bench = new();
    private readonly string[] _canary;

    internal HostileBench()
    {
        Directory.CreateDirectory(Path.Combine(_bench.Layout.Root, "canary"));
        File.WriteAllText(Path.Combine(_bench.Layout.Root, "canary", "kept"), "kept");
        _canary = Canary();
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>
    /// Asserts that an archive in the cache becomes no tree: one error of this code, which names component, archive and place, and
    /// nothing left or changed beside the archive itself.
    /// </summary>
    internal async Task AssertRefusedAsync(string archive, ArchiveFormat format, UnpackLimits? limits, string code, string what)
    {
        string incoming = _bench.Archives.FreshPath(Guid.NewGuid().ToString());
        File.Copy(archive, incoming);
        string digest = _bench.Archives.Add(incoming, null, CancellationToken.None);
        string[] before = Everything();
        TreeCache trees = new(_bench.Layout, _bench.Archives, null, limits ?? new UnpackLimits(), new ProcessRunner(_bench.Host), _bench.Log);
        TreeRequest request = new("thing", digest, new TreeRecipe(format), new SourceLocation("a.proj", 7));
        Problem problem = await Workbench.AssertFailsAsync(code, () => trees.EnsureAsync([request], CancellationToken.None), what);
        StringAssert.Contains(problem.Text, _bench.Archives.PathOf(digest), what);
        Assert.IsFalse(trees.Contains(request), what);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_bench.Layout.Trees), what);
        CollectionAssert.AreEqual(before, Everything(), what);
        CollectionAssert.AreEqual(_canary, Canary(), what);
    }

    /// <summary>Every path but those of locks.</summary>
    private string[] Everything() =>
    [
        .. Directory.EnumerateFileSystemEntries(_bench.At(), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(path => !path.StartsWith(_bench.Layout.Locks, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private string[] Canary()
    {
        FileInfo kept = new(Path.Combine(_bench.Layout.Root, "canary", "kept"));
        return [File.ReadAllText(kept.FullName), $"{kept.LastWriteTimeUtc.Ticks} {kept.UnixFileMode}", .. Directory.GetFileSystemEntries(kept.DirectoryName!)];
    }
}
