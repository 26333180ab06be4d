using Lava.Build.Benchmarks;

// dotnet run -c Release --project tests/Lava.Build.Benchmarks [-- [--runs N] [SCENARIO …]]
int runs = 7;
List<string> wanted = [];
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--runs" && i + 1 < args.Length && int.TryParse(args[i + 1], out int number) && number > 0)
    {
        runs = number;
        i++;
    }
    else if (Scenarios.All.Any(scenario => scenario.Name == args[i]))
    {
        wanted.Add(args[i]);
    }
    else
    {
        Console.Error.WriteLine($"Usage: [--runs N] [{string.Join('|', Scenarios.All.Select(scenario => scenario.Name))} …]");
        return 2;
    }
}

using Workspace workspace = new();
ResultTable table = new();
foreach (Scenario scenario in Scenarios.All.Where(scenario => wanted.Count == 0 || wanted.Contains(scenario.Name)))
{
    Console.Error.WriteLine($"{scenario.Name}: {scenario.Title}");
    table.Add(scenario, await scenario.RunAsync(workspace, runs));
}

Console.WriteLine(table.ToMarkdown(runs));
return 0;
