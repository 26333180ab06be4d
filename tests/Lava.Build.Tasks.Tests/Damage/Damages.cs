using Lava.Build.Platform;

namespace Lava.Build.Tests.Damage;

/// <summary>Ways in which something on a disk goes bad, whoever did it.</summary>
internal static class Damages
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Those that a file can meet with.</summary>
    public static IReadOnlyList<string> OfFiles { get; } = ["byte", "byte, untimed", "truncated", "emptied", "deleted", "mode", "directory", "link", "dangling"];

    public static IReadOnlyList<string> OfDirectories { get; } = ["deleted", "mode", "file", "link", "dangling"];

    public static IReadOnlyList<string> OfLinks { get; } = ["deleted", "text", "file", "directory"];

    public static void Do(string damage, string path)
    {
        switch (damage)
        {
            case "byte":
                Rewrite(path, bytes => [(byte)(bytes[0] ^ 1), .. bytes[1..]], keepTime: true);
                break;
            case "byte, untimed":
                Rewrite(path, bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 0x20)], keepTime: false);
                break;
            case "truncated":
                Rewrite(path, bytes => bytes[..(bytes.Length / 2)], keepTime: true);
                break;
            case "emptied":
                Rewrite(path, _ => [], keepTime: true);
                break;
            case "mode":
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) ^ (UnixFileMode.OtherRead | UnixFileMode.OtherExecute));
                break;
            case "deleted":
                Delete(path);
                break;
            case "text":
                Delete(path);
                File.CreateSymbolicLink(path, "elsewhere");
                break;
            case "file":
                Delete(path);
                File.WriteAllText(path, "file");
                break;
            case "directory":
                Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "dangling":
                Delete(path);
                File.CreateSymbolicLink(path, "elsewhere");
                break;
            case "link":
                // To the very same content, which is no longer under our eyes.
                string moved = $"{path}.moved-{Guid.NewGuid():N}";
                Posix.Rename(path, moved);
                File.CreateSymbolicLink(path, Path.GetFileName(moved));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage), damage, null);
        }
    }

    // In place, so that all names of the file show it.
    private static void Rewrite(string path, Func<byte[], byte[]> change, bool keepTime)
    {
        UnixFileMode mode = File.GetUnixFileMode(path);
        DateTime time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = change(File.ReadAllBytes(path));
        File.SetUnixFileMode(path, mode | UnixFileMode.UserWrite);
        // Not as one that may be made: in a sticky directory the kernel refuses that even to root (sysctl fs.protected_regular).
        using (FileStream file = new(path, FileMode.Truncate))
        {
            file.Write(bytes);
        }

        File.SetUnixFileMode(path, mode);
        if (keepTime)
        {
            File.SetLastWriteTimeUtc(path, time);
        }
    }

    private static void Delete(string path)
    {
        if (new FileInfo(path).LinkTarget is null && Directory.Exists(path))
        {
            File.SetUnixFileMode(path, OwnerAll);
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
