using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lava.Build.Benchmarks;

/// <summary>Components made for measuring: zip archives of files with random text, and the project that lists them.</summary>
internal static class SyntheticComponents
{
    private const int FileBytes = 5_300;
    private const int FilesPerDirectory = 10;

    /// <summary>Makes the archives <c>c0.zip</c> and so on. Half of each file's text repeats, so that they compress as code does.</summary>
    internal static void MakeArchives(string directory, int components, int files) =>
        Parallel.For(0, components, component => MakeArchive(Path.Combine(directory, $"c{component}.zip"), component, files));

    /// <summary>Makes one archive.</summary>
    internal static void MakeArchive(string path, int seed, int files)
    {
        Random random = new(seed);
        using FileStream stream = new(path, FileMode.Create);
        using ZipArchive archive = new(stream, ZipArchiveMode.Create);
        for (int file = 0; file < files; file++)
        {
            ZipArchiveEntry entry = archive.CreateEntry($"d{file / FilesPerDirectory}/f{file}.txt", CompressionLevel.Fastest);
            entry.LastWriteTime = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream content = entry.Open();
            content.Write(Text(random));
        }
    }

    /// <summary>Writes a project that lists the archives of a directory.</summary>
    /// <param name="workspace">Says where the SDK is.</param>
    /// <param name="archives">The directory with the archives.</param>
    /// <param name="components">How many there are.</param>
    /// <returns>The project's path.</returns>
    internal static string MakeProject(Workspace workspace, string archives, int components)
    {
        string sdk = Path.Combine(workspace.Repository, "src/Lava.Build.Sdk/Sdk");
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            <Project>
              <Import Project="{sdk}/Sdk.props" />
              <PropertyGroup>
                <LavaBuildTasksAssembly>{workspace.TasksAssembly}</LavaBuildTasksAssembly>
                <LavaInstance>bench</LavaInstance>
              </PropertyGroup>
              <ItemGroup>

            """);
        for (int component = 0; component < components; component++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"    <LavaComponent Include=\"c{component}\" Source=\"archive\" Version=\"1\" Path=\"c{component}.zip\" Prefix=\"share/c{component}\" />\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"""
              </ItemGroup>
              <Import Project="{sdk}/Sdk.targets" />
            </Project>

            """);
        string project = Path.Combine(archives, "bench.proj");
        File.WriteAllText(project, text.ToString());
        return project;
    }

    private static byte[] Text(Random random)
    {
        byte[] text = new byte[FileBytes];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = i % 2 == 0 ? (byte)('a' + random.Next(26)) : (byte)' ';
        }

        return text;
    }
}
