using System.Text;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Systemd;

/// <summary>
/// What the instance's user writes about who runs the instance. Root reads it as what it is, another's: no link is followed, nothing is
/// made, and no more is read than there should be.
/// </summary>
internal sealed class RunLock(InstanceLayout layout)
{
    private const int Longest = 1024;

    /// <summary>The lock, which whoever runs an instance holds.</summary>
    internal static string PathIn(InstanceLayout layout) => Path.Combine(layout.Root, "run", "services.lock");

    /// <summary>
    /// Who has taken the lock last, and may have ended since; null if nobody ever has. The lock itself is not touched: whoever takes it at
    /// that moment must not find it taken.
    /// </summary>
    internal RunHolder? LastHolder()
    {
        using SafeFileHandle? file = Posix.TryOpenForReading(PathIn(layout));
        return file is null ? null : new RunHolder(Read(file));
    }

    /// <summary>Who runs the instance beside systemd, in that one's own words; null if nobody does.</summary>
    internal string? OtherHolder()
    {
        string path = PathIn(layout);
        using SafeFileHandle? file = Posix.TryOpenForReading(path);
        if (file is null || Posix.TryLock(file, path, shared: true))
        {
            return null;
        }

        RunHolder holder = new(Read(file));
        return holder.Unit is not null ? null : holder.Words.Length > 0 ? holder.Words : "an unknown process";
    }

    /// <summary>The name of the release that units have started, or null.</summary>
    internal string? StartedRelease()
    {
        using SafeFileHandle? file = Posix.TryOpenForReading(Path.Combine(layout.Root, "run/services.release"));
        return file is null ? null : Read(file);
    }

    private static string Read(SafeFileHandle file)
    {
        if (FileStatus.Of(file).Kind != FileKind.File)
        {
            return "";
        }

        byte[] buffer = new byte[Longest];
        return Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(file, buffer, 0)).Trim();
    }
}
