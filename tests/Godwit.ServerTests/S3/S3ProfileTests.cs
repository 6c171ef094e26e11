using System.Text.Json;
using Amazon.Runtime.Endpoints;
using Amazon.S3.Model;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Godwit.Backends.S3;

namespace Godwit.ServerTests.S3;

/// <summary>Where the server and the credential come from: profiles, programs, roles; and buckets in the name of the host.</summary>
public sealed class S3ProfileTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("godwit-s3-profile-").FullName;
    private readonly List<(string Name, string Value)> _environment = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_profile_gives_the_keys_the_region_and_the_server()
    {
        await using S3Bucket bucket = await FilledAsync();
        string config = $"[profile lab]\nregion = eu-west-9\nendpoint_url = {S3Server.Endpoint}\n";
        await RequireReachedAsync(bucket, config, $"[lab]\n{Keys}", "--s3-profile", "lab");
        await RequireReachedAsync(bucket, config.Replace("profile lab", "default", StringComparison.Ordinal), $"[default]\n{Keys}");
    }

    [Fact]
    public async Task A_profile_names_the_server_in_a_section_of_services()
    {
        await using S3Bucket bucket = await FilledAsync();
        string config = $"[profile lab]\nservices = here\nendpoint_url = http://127.0.0.1:9\n{Keys}[services here]\ns3 =\n  endpoint_url = {S3Server.Endpoint}\n";
        await RequireReachedAsync(bucket, config, "", "--s3-profile", "lab");
    }

    [Fact]
    public async Task The_server_of_an_option_goes_before_the_profile_s()
    {
        await using S3Bucket bucket = await FilledAsync();
        string config = $"[profile lab]\nendpoint_url = http://127.0.0.1:9\n{Keys}";
        await RequireReachedAsync(bucket, config, "", "--s3-profile", "lab", "--s3-endpoint", S3Server.Endpoint.ToString());
    }

    [Fact]
    public async Task A_program_gives_a_temporary_credential()
    {
        await using S3Bucket bucket = await FilledAsync();
        using var sts = new AmazonSecurityTokenServiceClient(
            S3Server.Keys.AccessKey,
            S3Server.Keys.SecretKey,
            new AmazonSecurityTokenServiceConfig { ServiceURL = S3Server.StsEndpoint.ToString(), AuthenticationRegion = "us-east-1" });
        Credentials given = (await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = S3Server.Role, RoleSessionName = "test" })).Credentials;
        string file = Path.Combine(_root, "credential.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            Version = 1,
            given.AccessKeyId,
            given.SecretAccessKey,
            given.SessionToken,
            Expiration = given.Expiration!.Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        }));
        await RequireReachedAsync(bucket, $"[profile lab]\nendpoint_url = {S3Server.StsEndpoint}\ncredential_process = cat {file}\n", "", "--s3-profile", "lab");
    }

    [Fact]
    public async Task A_role_is_taken_on_with_the_keys_of_another_profile()
    {
        await using S3Bucket bucket = await FilledAsync();
        string config = $"[profile own]\n{Keys}[profile lab]\nregion = us-east-1\nrole_arn = {S3Server.Role}\nsource_profile = own\nendpoint_url = {S3Server.StsEndpoint}\n";
        Environment("AWS_ENDPOINT_URL_STS", S3Server.StsEndpoint.ToString());
        await RequireReachedAsync(bucket, config, "", "--s3-profile", "lab");
        Environment("AWS_PROFILE", "lab");
        await RequireReachedAsync(bucket, config, "");
    }

    // No host is called BUCKET.localhost everywhere, so the server itself is the proxy that is asked to find it.
    [Fact]
    public async Task The_bucket_is_in_the_name_of_the_host_where_that_is_asked_for()
    {
        await using S3Bucket bucket = await FilledAsync();
        var localhost = new Uri($"http://localhost:{S3Server.Endpoint.Port}");
        await using S3Store store = bucket.Open(options => options with { Endpoint = localhost, PathStyle = false });
        Endpoint endpoint = store.Connection.Client.DetermineServiceOperationEndpoint(new ListObjectsV2Request { BucketName = bucket.Name });
        Assert.Equal($"http://{bucket.Name}.localhost:{localhost.Port}/", endpoint.URL);
        Environment("http_proxy", S3Server.Endpoint.ToString());
        string config = $"[profile lab]\nendpoint_url = {localhost}\n{Keys}";
        await RequireReachedAsync(bucket, config, "", "--s3-profile", "lab", "--s3-path-style", "no");
    }

    private static string Keys => $"aws_access_key_id = {S3Server.Keys.AccessKey}\naws_secret_access_key = {S3Server.Keys.SecretKey}\n";

    private void Environment(string name, string value) => _environment.Add((name, value));

    private static async Task<S3Bucket> FilledAsync()
    {
        S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("file", "content");
        return bucket;
    }

    private async Task RequireReachedAsync(S3Bucket bucket, string config, string credentials, params string[] options)
    {
        (string Name, string Value)[] files = [("AWS_CONFIG_FILE", Path.Combine(_root, "config")), ("AWS_SHARED_CREDENTIALS_FILE", Path.Combine(_root, "credentials"))];
        await File.WriteAllTextAsync(files[0].Value, config);
        await File.WriteAllTextAsync(files[1].Value, credentials);
        string url = $"s3://{bucket.Name}";
        Assert.Equal("file\n", await S3Process.RunAsync(0, [.. files, .. _environment], ["ls", url, .. options]));
        Assert.Equal("content", await S3Process.RunAsync(0, [.. files, .. _environment], ["cat", url + "/file", .. options]));
    }
}
