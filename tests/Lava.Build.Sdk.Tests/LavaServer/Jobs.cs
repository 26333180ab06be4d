using System.Text.Json.Nodes;

namespace Lava.Build.Sdk.Tests;

/// <summary>Jobs that need no hardware: commands of a device that the worker carries out itself.</summary>
internal static class Jobs
{
    private const string Greet = "greet";
    private const string Wait = "wait";
    private const string Last = "last";

    /// <summary>The worker that has registered itself, once the server has heard of it.</summary>
    public static async Task<string> WorkerAsync(LavaClient client)
    {
        JsonNode answer = await client.WaitAsync("workers/?state=Online", workers => Online(workers).Any());
        return (string)Online(answer).Single()["hostname"]!;
    }

    /// <summary>Makes a device on a worker.</summary>
    public static async Task AddDeviceAsync(LavaClient client, string worker, string device)
    {
        JsonNode types = await client.SendAsync(HttpMethod.Get, "devicetypes/");
        if (types["results"]!.AsArray().All(type => (string?)type!["name"] != "docker"))
        {
            await client.SendAsync(HttpMethod.Post, "devicetypes/", new JsonObject { ["name"] = "docker", ["display"] = true, ["aliases"] = new JsonArray() });
        }

        await client.SendAsync(HttpMethod.Post, "devices/", new JsonObject
        {
            ["hostname"] = device,
            ["device_type"] = "docker",
            ["worker_host"] = worker,
            ["health"] = "Good",
        });
        const string Dictionary = "{% extends 'docker.jinja2' %}\n{% set user_commands = {'" + Greet + "': {'do': 'echo hello'}, '" + Wait + "': {'do': 'sleep 5'}, '" + Last + "': {'do': 'sleep 15'}} %}\n";
        await client.SendAsync(HttpMethod.Post, $"devices/{device}/dictionary/", new JsonObject { ["dictionary"] = Dictionary });
    }

    /// <summary>Submits a job that says hello.</summary>
    public static Task<int> SubmitAsync(LavaClient client) => SubmitAsync(client, Greet);

    /// <summary>Submits a job that lasts five seconds.</summary>
    public static Task<int> SubmitLongAsync(LavaClient client) => SubmitAsync(client, Wait);

    /// <summary>Submits a job that lasts fifteen seconds, longer than a worker takes to start, and waits until it runs.</summary>
    public static async Task<int> BeginAsync(LavaClient client)
    {
        int job = await SubmitAsync(client, Last);
        await client.WaitAsync($"jobs/{job}/", state => (string?)state["state"] == "Running");
        return job;
    }

    /// <summary>What the server takes a job for: <c>Running</c>, <c>Finished</c> or another of LAVA's states.</summary>
    public static async Task<string> StateAsync(LavaClient client, int job) => (string)(await client.SendAsync(HttpMethod.Get, $"jobs/{job}/"))["state"]!;

    /// <summary>How a job ended, once it has.</summary>
    public static async Task<string> EndAsync(LavaClient client, int job)
    {
        JsonNode ended = await client.WaitAsync($"jobs/{job}/", state => (string?)state["state"] == "Finished");
        return (string)ended["health"]!;
    }

    private static IEnumerable<JsonNode> Online(JsonNode workers) => workers["results"]!.AsArray().Select(worker => worker!).Where(worker => (string?)worker["state"] == "Online");

    private static async Task<int> SubmitAsync(LavaClient client, string command)
    {
        JsonNode answer = await client.SendAsync(HttpMethod.Post, "jobs/", new JsonObject
        {
            ["definition"] = $$"""
                job_name: {{command}}
                device_type: docker
                visibility: public
                priority: medium
                timeouts: { job: { minutes: 5 }, action: { minutes: 2 }, connection: { minutes: 2 } }
                actions:
                - command:
                    name: {{command}}
                """,
        });
        return (int)answer["job_ids"]![0]!;
    }
}
