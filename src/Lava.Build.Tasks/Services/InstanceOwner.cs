using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>Whom the programs of an instance run as where root starts them.</summary>
internal static class InstanceOwner
{
    private const string Configuration = "etc";
    private static readonly string[] Own = ["run", "tmp", "var"];

    /// <summary>
    /// Finds the instance's user, makes it where it is the default one and missing, and gives it <c>run</c>, <c>tmp</c>, <c>var</c> and what is
    /// private in <c>etc</c>, as far as root owns them. Does nothing if this process is not root, or no user is named.
    /// </summary>
    /// <param name="layout">The instance.</param>
    /// <param name="services">What runs in it.</param>
    /// <param name="log">Where it is said that a user was made.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The user; null if programs run as who started them: this process is not root, or root is who they are meant to run as.</returns>
    /// <exception cref="LavaException">A user is missing or cannot be made (LAVA5070, LAVA5071), or cannot reach or change the instance (LAVA5072, LAVA5073).</exception>
    internal static async Task<RunAs?> PrepareAsync(InstanceLayout layout, InstanceServices services, IBuildLog log, CancellationToken cancellation)
    {
        if (Posix.EffectiveUser() != 0 || services.User.Length == 0)
        {
            return null;
        }

        LavaException.ThrowIfAny([.. Missing(services)], log);
        RunAs user = await FindAsync(layout, services, log, cancellation);
        if (user.Uid == 0)
        {
            return null;
        }

        OwnershipGift gift = new(user);
        foreach (string directory in Own)
        {
            gift.GiveAll(layout.Root, directory);
        }

        gift.GivePrivate(layout.Root, Configuration);
        if (gift.Given > 0)
        {
            log.Detail($"Gave {gift.Given} files and directories of {layout.Root} to {user.Name}");
        }

        if (gift.LeftAlone is [var first, ..])
        {
            log.Warn(Problem.Warning(Strings.OwnersKept, SourceLocation.None, gift.LeftAlone.Count, first, user.Name));
        }

        await CheckAsync(layout, user, cancellation);
        return user;
    }

    private static IEnumerable<Problem> Missing(InstanceServices services) =>
        from service in services.Services
        where service.User.Length > 0 && service.User != services.User && SystemUser.Find(service.User) is null
        select Problem.Error(Strings.UserMissing, SourceLocation.None, service.User, $"LavaService '{service.Name}'", "User");

    private static async Task<RunAs> FindAsync(InstanceLayout layout, InstanceServices services, IBuildLog log, CancellationToken cancellation)
    {
        string byDefault = $"lava-{services.Instance}";
        string name = services.User;
        if (SystemUser.Find(name) is { } standing)
        {
            return standing;
        }

        if (name != byDefault)
        {
            throw Problem.Error(Strings.UserMissing, SourceLocation.None, name, $"the instance '{services.Instance}'", "LavaUser").ToException();
        }

        RunAs made = await SystemUser.MakeAsync(name, Path.Combine(layout.Root, "var"), cancellation);
        log.Say($"Made the system user {name}, which runs the instance {services.Instance}");
        return made;
    }

    // By asking the kernel as that user: modes alone do not tell what access lists and security modules allow.
    private static async Task CheckAsync(InstanceLayout layout, RunAs user, CancellationToken cancellation)
    {
        List<string> above = [];
        for (string? directory = layout.Code; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            above.Insert(0, directory);
        }

        // Never given, as a web server may read it as root.
        string configuration = Path.Combine(layout.Root, Configuration);
        if (Directory.Exists(configuration))
        {
            above.Add(configuration);
        }

        if (await SystemUser.FirstBarredAsync(user, above, cancellation) is { } barred)
        {
            throw Problem.Error(Strings.UserBarred, SourceLocation.None, user.Name, barred, layout.Root).ToException();
        }

        string[] own = [.. Own.Select(name => Path.Combine(layout.Root, name)).Where(Directory.Exists)];
        if (await SystemUser.FirstUnwritableAsync(user, own, cancellation) is { } unwritable)
        {
            string owner = FileStatus.Of(unwritable) is { } status ? Posix.NameOfUser(status.Owner) : "nobody";
            throw Problem.Error(Strings.OwnedByAnother, SourceLocation.None, unwritable, owner, user.Name).ToException();
        }
    }
}
