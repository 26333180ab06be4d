using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>Makes small archives for components, the same bytes every time.</summary>
internal static class Archives
{
    private const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode ProgramMode =
        FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes a tar.gz or zip, as the name says; files below <c>bin</c> are executable.</summary>
    public static void Write(string path, params (string Name, string Content)[] files)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream stream = File.Create(path);
        if (path.EndsWith(".zip", StringComparison.Ordinal))
        {
            WriteZip(stream, files);
        }
        else
        {
            WriteTarGz(stream, files);
        }
    }

    private static void WriteTarGz(Stream stream, (string Name, string Content)[] files)
    {
        using GZipStream gzip = new(stream, CompressionLevel.Fastest);
        using TarWriter tar = new(gzip, TarEntryFormat.Ustar);
        foreach ((string name, string content) in files)
        {
            using MemoryStream data = new(Encoding.UTF8.GetBytes(content));
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = data,
                Mode = IsProgram(name) ? ProgramMode : FileMode,
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }
    }

    private static void WriteZip(Stream stream, (string Name, string Content)[] files)
    {
        using ZipArchive zip = new(stream, ZipArchiveMode.Create);
        foreach ((string name, string content) in files)
        {
            ZipArchiveEntry entry = zip.CreateEntry(name);
            entry.ExternalAttributes = (int)(IsProgram(name) ? ProgramMode : FileMode) << 16;
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream data = entry.Open();
            data.Write(Encoding.UTF8.GetBytes(content));
        }
    }

    private static bool IsProgram(string name) => name.StartsWith("bin/", StringComparison.Ordinal);
}
