namespace Lava.Build.Tests;

/// <summary>A fresh directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lava-build-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
