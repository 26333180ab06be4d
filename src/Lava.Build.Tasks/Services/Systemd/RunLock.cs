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
    // How the units' script starts what it writes into the lock.
    private const string ByUnits = "systemd, unit ";
    private const int Longest = 1024;

    /// <summary>Who runs the instance beside systemd, in that one's own words; null if nobody does.</summary>
    internal string? OtherHolder()
    {
        string path = Path.Combine(layout.Root, "run/services.lock");
        using SafeFileHandle? file = Posix.TryOpenForReading(path);
        if (file is null || Posix.TryLock(file, path, shared: true))
        {
            return null;
        }

        string holder = Read(file);
        return holder.StartsWith(ByUnits, StringComparison.Ordinal) ? null : holder.Length > 0 ? holder : "an unknown process";
    }

    /// <summary>How to stop what holds the lock, if units do; else null.</summary>
    /// <param name="holder">The holder's own words.</param>
    internal static string? StopCommandOf(string holder) => holder.StartsWith(ByUnits, StringComparison.Ordinal)
        ? $"systemctl {(Posix.EffectiveUser() == 0 ? "" : "--user ")}stop {holder[ByUnits.Length..].Split(',')[0]}"
        : null;

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
