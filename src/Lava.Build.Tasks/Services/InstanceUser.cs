using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>Whom the programs of an instance run as.</summary>
internal static class InstanceUser
{
    /// <summary>Whom a program runs as; null where that is the caller, who is not root or is meant to stay it.</summary>
    /// <param name="services">The instance, which names the user of all that name none.</param>
    /// <param name="user">Whom its item names, or empty.</param>
    /// <param name="location">Where that was asked for.</param>
    /// <param name="subject">What is to run, for messages.</param>
    /// <exception cref="LavaException">There is no such user (LAVA5070), or only root could run it so (LAVA5015).</exception>
    internal static RunAs? Of(InstanceServices services, string user, SourceLocation location, string subject)
    {
        string name = user.Length > 0 ? user : services.User;
        if (Posix.EffectiveUser() == 0)
        {
            return name is "" or "root"
                ? null
                : SystemUser.Find(name) ?? throw Problem.Error(Strings.UserMissing, location, name, subject, user.Length > 0 ? "User" : "LavaUser").ToException();
        }

        // The instance's own user is for root's use; without root all runs as whoever asks.
        return user.Length == 0 || user == Environment.UserName
            ? null
            : throw Problem.Error(Strings.OtherUserNeedsRoot, location, subject, user, Environment.UserName).ToException();
    }
}
