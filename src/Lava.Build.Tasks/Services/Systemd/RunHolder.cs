using System.Globalization;
using Lava.Build.Platform;

namespace Lava.Build.Services.Systemd;

/// <summary>Who runs an instance, or ran it last, in that one's own words in <c>run/services.lock</c>.</summary>
internal sealed record RunHolder(string Words)
{
    /// <summary>How a supervisor's words start.</summary>
    internal const string Supervising = "running the services";

    // How the units' script starts what it writes into the lock.
    private const string ByUnits = "systemd, unit ";
    private const string ProcessWord = "process ";

    /// <summary>The unit that holds the lock; null if none does.</summary>
    internal string? Unit => Words.StartsWith(ByUnits, StringComparison.Ordinal) ? Words[ByUnits.Length..].Split(',')[0] : null;

    /// <summary>Whether it is a supervisor.</summary>
    internal bool IsSupervisor => Words.StartsWith(Supervising, StringComparison.Ordinal);

    /// <summary>Its process; 0 if it does not say.</summary>
    internal int Process
    {
        get
        {
            foreach (string part in Words.Split(", "))
            {
                if (part.StartsWith(ProcessWord, StringComparison.Ordinal))
                {
                    return int.TryParse(part[ProcessWord.Length..].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0;
                }
            }

            return 0;
        }
    }

    /// <summary>How to stop it, if it is a unit; else null.</summary>
    internal string? StopCommand => Unit is { } unit ? $"systemctl {(IsOfSystem ? "" : "--user ")}stop {unit}" : null;

    /// <summary>Whether its unit is one of the system, not of a user: process 1 has started it.</summary>
    internal bool IsOfSystem => ProcessTable.Find(Process) is { Parent: 1 };
}
