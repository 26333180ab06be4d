using System.Net.Sockets;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Sees to it that a service can listen where it is going to.</summary>
internal static class ListenChecks
{
    /// <summary>All that is wrong with the addresses themselves, whoever listens there.</summary>
    internal static IEnumerable<Problem> CheckPaths(ServiceDescription service, RunHoles holes, SourceLocation location) =>
        from address in service.Listens.Append(service.Health?.Socket ?? "").Where(text => text.Length > 0).Select(text => ListenAddress.Parse(text, holes)).Distinct()
        where address.IsUnix && address.PathLength > ListenAddress.LongestPath
        select Problem.Error(Strings.SocketPathTooLong, location, service.Name, address.Path, address.PathLength, ListenAddress.LongestPath, address.PathLength - ListenAddress.LongestPath);

    /// <summary>Makes sure that the addresses are free; a socket that nobody listens on any more is removed.</summary>
    /// <param name="service">The service.</param>
    /// <param name="holes">Where the instance is.</param>
    /// <param name="user">Whose files the sockets are, where that is not the caller.</param>
    /// <param name="location">Where the service was described.</param>
    /// <exception cref="LavaException">Somebody listens there (LAVA5005, LAVA5006), or a file stands in a socket's place (LAVA5006).</exception>
    internal static void Free(ServiceDescription service, RunHoles holes, RunAs? user, SourceLocation location)
    {
        List<Problem> problems = [];
        foreach (ListenAddress address in service.Listens.Select(text => ListenAddress.Parse(text, holes)))
        {
            if (!address.IsUnix)
            {
                if (PortOwner.OfTcp(address) is { } owner)
                {
                    problems.Add(Problem.Error(Strings.PortInUse, location, service.Name, address, owner));
                }
            }
            else if (FileStatus.Of(address.Path) is { } standing)
            {
                if (standing.Kind != FileKind.Socket)
                {
                    problems.Add(Problem.Error(Strings.SocketInUse, location, service.Name, address.Path, "something that is no socket stands there"));
                }
                else if (Listens(address.Path))
                {
                    problems.Add(Problem.Error(Strings.SocketInUse, location, service.Name, address.Path, $"{PortOwner.OfUnix(address.Path)} listens on it"));
                }
                else
                {
                    using FileIdentity identity = FileIdentity.Of(user);
                    File.Delete(address.Path);
                }
            }
        }

        if (problems.Count > 0)
        {
            throw new LavaException(problems);
        }
    }

    private static bool Listens(string path)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            throw new IOException($"{path}: {failure.Message}", failure);
        }
        catch (SocketException failure)
        {
            // A full queue is somebody's.
            return failure.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
