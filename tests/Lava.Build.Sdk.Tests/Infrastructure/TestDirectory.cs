namespace Lava.Build.Sdk.Tests;

/// <summary>A directory of a test's own, outside the repository, removed with all in it at the end.</summary>
internal sealed class TestDirectory : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Links are passed over: they lead to files that are removed by themselves, or out of the directory.
    private static readonly EnumerationOptions OwnDirectories = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    public string Path { get; } = Directory.CreateTempSubdirectory("lava-build-sdk-").FullName;

    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    public string Write(string file, string content)
    {
        string path = this[file];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose()
    {
        Delete(Path);
    }

    /// <summary>Deletes a directory even where trees in it are read-only.</summary>
    public static void Delete(string path)
    {
        foreach (string directory in Directory.EnumerateDirectories(path, "*", OwnDirectories))
        {
            File.SetUnixFileMode(directory, OwnerAll);
        }

        Directory.Delete(path, recursive: true);
    }
}
