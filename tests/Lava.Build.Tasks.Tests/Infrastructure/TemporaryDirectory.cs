namespace Lava.Build.Tests;

/// <summary>A directory of a test's own, removed with all in it at the end.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lava-build-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
