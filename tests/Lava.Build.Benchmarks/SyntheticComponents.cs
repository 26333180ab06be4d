using System.IO.Compression;

namespace Lava.Build.Benchmarks;

/// <summary>Components made for measuring: zip archives of files with random text.</summary>
internal static class SyntheticComponents
{
    /// <summary>How many files a component has.</summary>
    internal const int Files = 100;

    /// <summary>When all of them were last changed.</summary>
    internal static readonly DateTimeOffset Modified = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int FileBytes = 5_300;
    private const int FilesPerDirectory = 10;

    /// <summary>Makes a project of zip archives.</summary>
    /// <param name="workspace">Where.</param>
    /// <param name="components">How many components.</param>
    internal static Task<Project> MakeAsync(Workspace workspace, int components)
    {
        string directory = workspace.NewDirectory("archives");
        Parallel.For(0, components, component => MakeArchive(Path.Combine(directory, $"c{component}.zip"), component));
        return Project.MakeAsync(
            workspace, directory, Enumerable.Range(0, components).Select(i => new Component($"c{i}", "1", $"c{i}.zip", $"share/c{i}")));
    }

    /// <summary>Makes one archive.</summary>
    internal static void MakeArchive(string path, int seed)
    {
        Random random = new(seed);
        WriteZip(path, Enumerable.Range(0, Files).Select(file => (PathOf(file, "txt"), Text(random))));
    }

    /// <summary>Writes a zip archive, compressed fast.</summary>
    internal static void WriteZip(string path, IEnumerable<(string Name, byte[] Content)> members)
    {
        using FileStream stream = new(path, FileMode.Create);
        using ZipArchive archive = new(stream, ZipArchiveMode.Create);
        foreach ((string name, byte[] text) in members)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.Fastest);
            entry.LastWriteTime = Modified;
            using Stream content = entry.Open();
            content.Write(text);
        }
    }

    /// <summary>Where a file of a component stands in it.</summary>
    internal static string PathOf(int file, string extension) => $"d{file / FilesPerDirectory}/f{file}.{extension}";

    /// <summary>A file's text. Half of it repeats, so that it compresses as code does.</summary>
    internal static byte[] Text(Random random)
    {
        byte[] text = new byte[FileBytes];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = i % 2 == 0 ? (byte)('a' + random.Next(26)) : (byte)' ';
        }

        return text;
    }
}
