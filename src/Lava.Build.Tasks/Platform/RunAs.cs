namespace Lava.Build.Platform;

/// <summary>A user of the host whom root lets a program run as.</summary>
/// <param name="Uid">The user's id.</param>
/// <param name="Gid">The id of the user's first group.</param>
/// <param name="Name">The login name.</param>
/// <param name="Home">The home directory.</param>
internal sealed record RunAs(uint Uid, uint Gid, string Name, string Home);
