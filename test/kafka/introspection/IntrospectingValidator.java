import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.callback.UnsupportedCallbackException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Has a broker ask somebody else whether a token is good (RFC 7662), as MSK's brokers ask AWS.
 * The system property introspection.url names whom.
 */
public class IntrospectingValidator implements AuthenticateCallbackHandler {
    private static final Pattern USER = Pattern.compile("\"username\":\"([^\"]+)\"");
    private static final Pattern EXPIRES = Pattern.compile("\"exp\":(\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private URI url;

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
        url = URI.create(System.getProperty("introspection.url"));
    }

    @Override
    public void close() {}

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (!(callback instanceof OAuthBearerValidatorCallback)) {
                throw new UnsupportedCallbackException(callback);
            }
            validate((OAuthBearerValidatorCallback) callback);
        }
    }

    private void validate(OAuthBearerValidatorCallback callback) throws IOException {
        String answer = ask(callback.tokenValue());
        Matcher user = USER.matcher(answer);
        Matcher expires = EXPIRES.matcher(answer);
        if (answer.contains("\"active\":true") && user.find() && expires.find()) {
            callback.token(new Token(callback.tokenValue(), user.group(1), Long.parseLong(expires.group(1)) * 1000));
        } else {
            callback.error("invalid_token", null, null);
        }
    }

    private String ask(String token) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
            .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static final class Token implements OAuthBearerToken {
        private final String value;
        private final String principal;
        private final long lifetime;

        Token(String value, String principal, long lifetime) {
            this.value = value;
            this.principal = principal;
            this.lifetime = lifetime;
        }

        @Override public String value() { return value; }
        @Override public Set<String> scope() { return Set.of(); }
        @Override public long lifetimeMs() { return lifetime; }
        @Override public String principalName() { return principal; }
        @Override public Long startTimeMs() { return null; }
    }
}
