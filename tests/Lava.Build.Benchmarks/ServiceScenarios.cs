using System.Net;
using System.Net.Sockets;

namespace Lava.Build.Benchmarks;

/// <summary>What starting, stopping and looking at the sample's services costs: whole commands, from a built instance.</summary>
internal static class ServiceScenarios
{
    private const double FirstStart = 12;
    private const double LaterStart = 4;
    private const double Stopping = 5;
    private const double Looking = 0.2;

    internal static IReadOnlyList<Scenario> All { get; } =
    [
        new("start-first", "the sample's first start, to its login page", FirstStartAsync, Goal.Seconds("12 s", _ => FirstStart)),
        new("start-later", "a later start of the sample, to its login page", LaterStartAsync, Goal.Seconds("4 s", _ => LaterStart)),
        new("stop", "stopping the sample", StopAsync, Goal.Seconds("5 s", _ => Stopping)),
        new("status", "-t:Status of the running sample", StatusAsync, Goal.Seconds("bare + 0.2 s", rows => rows[TimedCommand.Bare].Median + Looking)),
    ];

    private static async Task<IReadOnlyList<TimedCommand>> FirstStartAsync(Workspace workspace)
    {
        Project project = await Scenarios.RestoreSampleAsync(workspace);
        return
        [
            new(TimedCommand.Ours, async _ =>
            {
                Server server = await Server.NewAsync(workspace, project);
                Sample sample = await server.StartAsync();
                await server.StopAsync();
                return sample;
            }),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> LaterStartAsync(Workspace workspace)
    {
        Server server = await StartedOnceAsync(workspace);
        return
        [
            new(TimedCommand.Ours, async _ =>
            {
                Sample sample = await server.StartAsync();
                await server.StopAsync();
                return sample;
            }),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> StopAsync(Workspace workspace)
    {
        Server server = await StartedOnceAsync(workspace);
        return
        [
            new(TimedCommand.Ours, async _ =>
            {
                await server.StartAsync();
                return await server.StopAsync();
            }),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static async Task<IReadOnlyList<TimedCommand>> StatusAsync(Workspace workspace)
    {
        Server server = await StartedOnceAsync(workspace);
        return
        [
            new(TimedCommand.Ours, async _ =>
            {
                await server.StartAsync();
                Sample sample = await server.LookAsync();
                await server.StopAsync();
                return sample;
            }),
            TimedCommand.BareBuild(workspace),
        ];
    }

    private static async Task<Server> StartedOnceAsync(Workspace workspace)
    {
        Server server = await Server.NewAsync(workspace, await Scenarios.RestoreSampleAsync(workspace));
        await server.StartAsync();
        await server.StopAsync();
        return server;
    }

    /// <summary>A new instance of the sample on a port that was free.</summary>
    private sealed class Server(Workspace workspace, Project project, string[] properties)
    {
        internal static async Task<Server> NewAsync(Workspace workspace, Project project)
        {
            // Started by root, the services run as a user of their own, who has to get there.
            if (Environment.IsPrivilegedProcess)
            {
                File.SetUnixFileMode(workspace.Root, File.GetUnixFileMode(workspace.Root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }

            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            string[] properties = [$"-p:LavaPrefix={workspace.NewDirectory("running")}/", $"-p:LavaPort={port}"];
            await workspace.BuildAsync(project.File, project.Cache, properties);
            return new Server(workspace, project, properties);
        }

        internal Task<Sample> StartAsync() => RunAsync("Start");

        internal Task<Sample> StopAsync() => RunAsync("Stop");

        internal Task<Sample> LookAsync() => RunAsync("Status");

        private Task<Sample> RunAsync(string target) => workspace.BuildAsync(project.File, project.Cache, [.. properties, $"-t:{target}"]);
    }
}
