namespace Lava.Build.Tests;

/// <summary>A fresh directory that is gone when the test is.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    /// <summary>Its absolute path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("lava-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
