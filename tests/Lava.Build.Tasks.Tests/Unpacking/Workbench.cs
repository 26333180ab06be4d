using System.IO.Compression;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

/// <summary>A directory to unpack in, and the programs that pack.</summary>
internal sealed class Workbench : IDisposable
{
    internal static readonly ArchiveFormat[] TarFormats =
    [
        ArchiveFormat.Tar, ArchiveFormat.TarGzip, ArchiveFormat.TarXz, ArchiveFormat.TarZstandard, ArchiveFormat.TarBzip2, ArchiveFormat.Deb,
    ];

    private readonly TemporaryDirectory _directory = new();
    private int _counter;

    internal static ProcessRunner Processes { get; } = new(HostEnvironment.OfThisProcess());

    internal static IBuildLog Log { get; } = new SilentLog();

    internal string Root => _directory.Path;

    /// <summary>Where the last archive was unpacked to.</summary>
    internal string Tree { get; private set; } = "";

    public void Dispose() => _directory.Dispose();

    internal string PathOf(string name) => Path.Combine(Root, name);

    internal async Task RunAsync(string program, params string[] arguments)
    {
        ProcessOutcome outcome = await Processes.RunAsync(
            new ProcessRequest(program, arguments) { WorkingDirectory = Root }, CancellationToken.None);
        Assert.AreEqual(0, outcome.ExitCode, $"{program}: {outcome.Error}");
    }

    /// <summary>Packs a tar archive as <paramref name="format"/> says; the file's name says nothing, as in the cache.</summary>
    internal async Task<string> PackAsync(byte[] tar, ArchiveFormat format)
    {
        string path = PathOf($"archive{_counter++}");
        switch (format)
        {
            case ArchiveFormat.TarGzip:
                await using (GZipStream gzip = new(File.Create(path), CompressionLevel.Fastest))
                {
                    await gzip.WriteAsync(tar);
                }

                break;
            case ArchiveFormat.TarXz or ArchiveFormat.TarZstandard or ArchiveFormat.TarBzip2:
                (string program, string ending) = format switch
                {
                    ArchiveFormat.TarXz => ("xz", ".xz"),
                    ArchiveFormat.TarZstandard => ("zstd", ".zst"),
                    _ => ("bzip2", ".bz2"),
                };
                await File.WriteAllBytesAsync(path + ".plain", tar);
                await RunAsync(program, "-q", path + ".plain");
                File.Move(path + ".plain" + ending, path);
                break;
            case ArchiveFormat.Deb:
                await File.WriteAllBytesAsync(path, new DebBuilder().Whole("data.tar", tar).Finished());
                break;
            default:
                await File.WriteAllBytesAsync(path, tar);
                break;
        }

        return path;
    }

    internal async Task<TreeManifest> UnpackAsync(
        string archive, ArchiveFormat format, string prefix = "", int strip = 0, UnpackLimits? limits = null)
    {
        Tree = PathOf($"tree{_counter++}");
        Directory.CreateDirectory(Tree);
        return await Unpacker.UnpackAsync(
            new UnpackRequest("thing", archive, new TreeRecipe(format, prefix, strip), limits ?? new UnpackLimits(), new SourceLocation("a.proj", 7)),
            Tree,
            Processes,
            Log,
            CancellationToken.None);
    }

    internal async Task<TreeManifest> UnpackTarAsync(TarBuilder tar, string prefix = "", int strip = 0, UnpackLimits? limits = null) =>
        await UnpackAsync(await PackAsync(tar.Finished(), ArchiveFormat.Tar), ArchiveFormat.Tar, prefix, strip, limits);

    internal async Task<TreeManifest> UnpackZipAsync(byte[] zip, UnpackLimits? limits = null) =>
        await UnpackAsync(await WriteAsync(zip), ArchiveFormat.Zip, limits: limits);

    /// <summary>Writes an archive as it is.</summary>
    internal async Task<string> WriteAsync(byte[] archive)
    {
        string path = PathOf($"archive{_counter++}");
        await File.WriteAllBytesAsync(path, archive);
        return path;
    }

    /// <summary>Asserts that the work fails with one error of this code, which names component, archive and place.</summary>
    internal static async Task<Problem> AssertFailsAsync(string code, Func<Task> work, string what = "")
    {
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(work, what);
        Problem problem = failure.Problems.Single();
        Assert.AreEqual(code, problem.Code, $"{what}: {problem.Text}");
        StringAssert.Contains(problem.Text, "'thing'", what);
        Assert.AreEqual(7, problem.Location.Line, what);
        Assert.IsFalse(problem.Text.Any(char.IsControl), what);
        return problem;
    }

    private sealed class SilentLog : IBuildLog
    {
        public void Say(string text)
        {
        }

        public void Detail(string text)
        {
        }

        public void Warn(Problem problem) => Assert.Fail(problem.Text);
    }
}
